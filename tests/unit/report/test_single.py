"""Any result as a short report."""

import json

import pandas as pd
import pytest

import labelqa as lq
from labelqa.annotations.readlog import ReadLog, SetAside, SourceFile
from labelqa.cli.emit import emit
from labelqa.cli.output import Output
from labelqa.report.single import picture_of, shown_plainly, single_report, table_of
from tests.unit.reliability.data import table

LOGS = [
    ReadLog(
        mapping={"item": "id", "label": "topic"},
        sources=(SourceFile(name=f"{name}.csv", sha256="0" * 64, format="csv", rows=3),),
        n_rows_read=3,
        n_labels_used=2,
        set_aside=(SetAside(reason="empty cell", count=1),),
        notes=(f"a note on {name}",),
    )
    for name in ("first", "second")
]


@pytest.mark.parametrize("make", [lq.agreement, lq.agreement_table, lq.class_agreement, lq.item_disagreement])
def test_every_result_can_be_shown_plainly_in_every_view(make):
    result = make(table(seed=1))
    report = single_report(shown_plainly(result, title="A title", key="part"), logs=LOGS, seed=3)
    first = result.summary()[0]
    for view in (report.to_text(), report.to_markdown(), report.to_html()):
        assert "A title" in view
        assert first.split(",")[0][:20] in view.replace("&#39;", "'").replace("\\", "")
    rows = json.loads(report.to_json())["tables"]["part"]
    assert len(rows) == len(result.to_frame())


def test_all_inputs_are_recorded_with_what_was_set_aside():
    report = single_report(shown_plainly(lq.agreement(table()), title="T", key="k"), logs=LOGS, arguments={"a": 1})
    text = report.to_text()
    for part in ("first.csv", "second.csv", "set aside 1: empty cell", "a note on second", "6 rows, 4 labels used"):
        assert part in text
    assert [i.name for i in report.run.inputs] == ["first.csv", "second.csv"]
    assert report.run.arguments == {"a": 1}


def test_without_inputs_there_is_no_section_on_reading():
    report = single_report(shown_plainly(lq.agreement(table()), title="T", key="k"))
    assert [s.key for s in report.sections] == ["k"]


def test_columns_are_written_by_their_names_and_types():
    frame = pd.DataFrame(
        {
            "class": ["a"],
            "n_items": [1200],
            "share": [0.25],
            "estimate": [0.5],
            "low": [0.4],
            "high": [0.6],
            "p_value": [0.04],
            "reason": [None],
        }
    )
    made = table_of(frame, key="k", title="T", confidence=0.9)
    assert [(c.title, c.kind) for c in made.columns] == [
        ("Class", "text"),
        ("Items", "count"),
        ("Share", "percent"),
        ("Estimate (90% interval)", "estimate"),
        ("p value", "number"),
    ]


def test_an_undefined_number_is_shown_with_its_reason():
    frame = lq.agreement(table(m=3), "scott_pi").to_frame()
    report_table = table_of(frame, key="k", title="T")
    assert next(c for c in report_table.columns if c.key == "estimate").reason == "reason"


def test_pictures_are_drawn_only_where_they_are_shown():
    result = lq.agreement(table())  # one number has no picture
    figure = picture_of(result, key="k", title="T", alt="what it shows")
    with pytest.raises(TypeError, match="has no chart"):
        figure.draw()


@pytest.mark.parametrize("form", ["text", "json", "markdown", "html"])
def test_a_result_goes_out_in_every_form(form, capsys):
    result = lq.class_agreement(table(seed=2))
    emit(result, Output(format=form, path=None, seed=4), lambda: shown_plainly(result, title="Classes", key="classes"))
    out = capsys.readouterr().out
    assert out.endswith("\n")
    if form == "json":
        found = json.loads(out)
        assert found["run"]["seed"] == 4
        assert "read_log" not in found
    else:
        assert "Classes" in out
