"""What the report says of the file itself: findings, and what the answer does not cover."""

from __future__ import annotations

import pandas as pd
import pytest

from labelqa.report.blocks import Points
from labelqa.report.build import build_report
from labelqa.report.sections.validation import section
from labelqa.validation.result import Finding, Validation
from labelqa.validation.validate import validate_annotations
from tests.unit.report.data import small

FOUND = (Finding(severity="note", code="no_overlap", what="x.", count=1),)


def validation(findings: tuple[Finding, ...], not_checked: tuple[str, ...]) -> Validation:
    return Validation(
        n_items=1, n_annotations=2, findings=findings, skew=pd.DataFrame(), not_checked=not_checked
    )  # fmt: skip


@pytest.mark.parametrize("findings", [(), FOUND])
def test_what_was_not_looked_at_stands_right_under_the_answer(findings):
    first = section(validation(findings, ("times: there are none", "durations: there are none"))).blocks[0]
    assert isinstance(first, Points)
    assert (first.title, first.items) == ("Not looked at", ("Times: there are none.", "Durations: there are none."))


def test_a_file_that_was_looked_at_in_whole_has_no_such_list():
    assert section(validation((), ())).blocks == ()


def test_columns_that_were_not_compared_with_an_earlier_batch_are_named_in_the_section():
    data = small()
    keys = pd.DataFrame({"key": [f"k{i}" for i in range(data.n_items)]})
    frame = data.to_frame().assign(key=[keys["key"][i] for i in data.item.tolist()])
    named = type(data).from_frame(frame, item="item", annotator="annotator", label="label")
    (points,) = (b for b in section(validate_annotations(named, reference=named)).blocks if isinstance(b, Points))
    assert "Changes in column 'key': most texts occur once, as ids do." in points.items


def test_every_rendered_report_says_what_was_not_looked_at():
    report = build_report(small(), sections=("validation",))
    for text in (report.to_text(width=100), report.to_markdown(), report.to_html(), report.to_json()):
        assert "Not looked at" in text
        assert "Times: there are none" in text
