"""The items that a change of the guideline touches."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pandas as pd
import pytest

import labelqa as lq
from labelqa import review
from labelqa.errors import NotAllowedError
from labelqa.review.projects import ProjectSettings
from labelqa.review.touching import touched_items

SAID = {
    "a": ("bug", "wish"),
    "b": ("bug", "bug"),
    "c": ("wish", "wish"),
    "d": ("other", "bug"),
    "e": ("other", "other"),
}


@pytest.fixture
def project() -> Iterator[review.Project]:
    frame = pd.DataFrame([(item, *said) for item, said in SAID.items()], columns=["item", "ana", "bo"])
    data = lq.Annotations.from_wide(frame, item="item")
    settings = ProjectSettings(held_out=0)
    with review.create_project("memory:", "tickets", actor="lea", annotations=data, settings=settings) as made:
        yield made


def changed(project: review.Project) -> lq.GuidelineDiff:
    now = review.guideline_version(project).guideline
    rule = lq.Rule(id=now.next_id(), class_name="bug", kind="boundary", other="wish", text="It worked before: bug.")
    return lq.diff_guidelines(now, now.with_rule(rule))


def test_items_are_those_with_a_label_and_contested_ones_those_of_the_round(project: review.Project) -> None:
    found = {t.classes: t for t in touched_items(project, changed(project), actor="lea")}
    assert set(found) == {("bug",), ("wish",), ("bug", "wish")}
    assert found["bug",].items == ("a", "b", "d")
    assert sorted(found["bug",].contested) == ["a", "d"]
    assert (found["bug", "wish"].items, found["bug", "wish"].contested) == (("a",), ("a",))


def test_nothing_is_touched_where_nothing_is_labeled() -> None:
    with review.create_project("memory:", "tickets", actor="lea", classes=["bug", "wish"]) as project:
        now = review.guideline_version(project).guideline
        diff = lq.diff_guidelines(now, now.with_rule(replace(now.rule("R1"), text="Broken.")))
        assert touched_items(project, diff, actor="lea") == ()


def test_annotators_see_none_of_it(project: review.Project) -> None:
    with pytest.raises(NotAllowedError):
        touched_items(project, changed(project), actor="ana")
