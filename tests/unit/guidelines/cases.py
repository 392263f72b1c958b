"""A small guideline that most tests change in one place."""

from __future__ import annotations

import dataclasses

from labelqa.guidelines.document import Guideline
from labelqa.guidelines.rule import Evidence, Rule
from labelqa.guidelines.versions import GuidelineVersion

NOW = "2024-05-01T09:00:00+00:00"


def tickets() -> Guideline:
    return Guideline(
        classes=("billing", "bug", "other"),
        title="Support tickets",
        introduction="Read the whole ticket first.",
        rules=(
            Rule(id="R1", class_name="billing", kind="definition", text="The customer asks about money."),
            Rule(id="R2", class_name="bug", kind="definition", text="Something in the product is broken."),
            Rule(id="R3", class_name="other", kind="definition", text="Anything else."),
            Rule(
                id="R4",
                class_name="billing",
                kind="boundary",
                other="bug",
                text="A failed payment is billing,\neven if an error is shown.",
                evidence=(Evidence(kind="item", ref="T19", note="three of four took it for a bug"),),
            ),
            Rule(
                id="R5", class_name="billing", kind="positive_example", other="bug", item="T17", text="Charged twice."
            ),
            Rule(id="R6", class_name="bug", kind="order", text="Decide on bug before other."),
            Rule(id="R7", class_name="bug", kind="order", text="Decide on billing before bug."),
        ),
    )


def reworded(guideline: Guideline, rule_id: str, **changes: object) -> Guideline:
    return guideline.with_rule(dataclasses.replace(guideline.rule(rule_id), **changes))


def version(number: int, guideline: Guideline, *, author: str = "ana", reason: str = "clearer") -> GuidelineVersion:
    parent = number - 1 if number > 1 else None
    return GuidelineVersion(
        number=number,
        guideline=guideline,
        parent=parent,
        author=author,
        reason=reason,
        edit="semantic",
        created_utc=NOW,
    )
