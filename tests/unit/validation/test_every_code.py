"""Every code of a finding: planted by one defect in data that do not have it, and counted, through the public entry."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import labelqa as lq
from labelqa.errors import ParameterError
from labelqa.validation import result

N = 60
WORDS = [a + b for a in ("ka", "lo", "mi", "nu", "pe", "ri") for b in ("bar", "den", "fox", "gul", "him", "jot")]
CLASSES, PEOPLE = ["politics", "sport"], ["ann", "ben"]
START = pd.Timestamp("2026-01-05T09:00:00")


def clean(prefix: str = "t", seed: int = 0) -> pd.DataFrame:
    """Return a batch of items of two annotators, two rows an item, in order of time, without a defect."""
    rng = np.random.default_rng(seed)
    texts = [" ".join(rng.choice(WORDS, 14)) for _ in range(N)]
    rows = [
        (f"{prefix}{i}", who, CLASSES[i % 2], START + pd.Timedelta(minutes=2 * i + j), 30.0, texts[i],
         ["web", "app"][i % 2], round(float(np.sin(i)), 4), f'{{"page": {i}}}')
        for i in range(N) for j, who in enumerate(PEOPLE)
    ]  # fmt: skip
    names = ["item", "annotator", "label", "timestamp", "duration", "text", "source", "score", "meta"]
    return pd.DataFrame(rows, columns=names)


def annotations_of(frame: pd.DataFrame, level: str = "nominal") -> lq.Annotations:
    roles = {name: name for name in ("round", "timestamp", "duration") if name in frame}
    return lq.Annotations.from_frame(frame, item="item", annotator="annotator", label="label", level=level, **roles)


Change = Callable[[pd.DataFrame], pd.DataFrame]


def cells(column: str, rows: slice | list[int], value: object) -> Change:
    """Return a change that writes `value` into these rows of a column."""

    def change(frame: pd.DataFrame) -> pd.DataFrame:
        values = frame[column].astype(object).tolist()
        for at in range(*rows.indices(len(values))) if isinstance(rows, slice) else rows:
            values[at] = value
        kept = frame[column].dtype if column in ("timestamp", "duration") else object
        return frame.assign(**{column: pd.Series(values, index=frame.index, dtype=kept)})

    return change


def without(rows: slice) -> Change:
    return lambda frame: frame.drop(frame.index[rows]).reset_index(drop=True)


def same(frame: pd.DataFrame) -> pd.DataFrame:
    return frame


def two_rounds(frame: pd.DataFrame) -> pd.DataFrame:
    later = frame.assign(round=2, timestamp=frame["timestamp"] + pd.Timedelta(days=1))
    return pd.concat([frame.assign(round=1), later], ignore_index=True)


def annette(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.assign(annotator=frame["annotator"].replace("ann", "annette"))


def own_items(frame: pd.DataFrame) -> pd.DataFrame:
    extra = frame.iloc[[0, 2, 4]].assign(annotator="cai", item=["x1", "x2", "x3"], text=["one", "two", "three"])
    return pd.concat([frame, extra], ignore_index=True)


def labeled_again(frame: pd.DataFrame) -> pd.DataFrame:
    return pd.concat([frame, frame.iloc[:1].assign(annotator="cai")], ignore_index=True)


def punctuated(frame: pd.DataFrame) -> pd.DataFrame:
    return cells("text", [2, 3], frame["text"].iloc[0].upper() + "!")(frame)


def repeated(frame: pd.DataFrame) -> pd.DataFrame:
    return cells("text", [2, 3], frame["text"].iloc[0])(frame)


def a_round_before(frame: pd.DataFrame) -> pd.DataFrame:
    return cells("timestamp", [2 * N + 4], START - pd.Timedelta(days=1))(frame)


@dataclass(frozen=True, kw_only=True)
class Planted:
    """A defect: what it changes, in which data, what was expected, and the finding."""

    code: str
    severity: str
    count: int
    change: Change
    data: Change = same
    expect: Mapping[str, object] = field(default_factory=dict)
    is_batch: bool = False
    level: str = "nominal"


def planted(code: str, severity: str, count: int, change: Change, **more: object) -> Planted:
    return Planted(code=code, severity=severity, count=count, change=change, **more)


def against(code: str, severity: str, count: int, change: Change, **more: object) -> Planted:
    return planted(code, severity, count, change, is_batch=True, **more)


TIMES = {"time_range": ["2026-01-05", "2026-01-05"]}
IN_FILE = [
    planted("unexpected_class", "error", 1, cells("label", [7], "sprot"), expect={"classes": CLASSES}),
    planted("unused_class", "note", 1, cells("label", slice(None), "sport"), expect={"classes": CLASSES}),
    planted("similar_classes", "warning", 2, cells("label", [7], "Sport ")),
    planted("class_slip", "note", 1, cells("label", [7], "sporrt")),
    planted("too_few_labels", "error", 1, without(slice(0, 1)), expect={"labels_per_item": 2}),
    planted("too_many_labels", "error", 1, labeled_again, expect={"labels_per_item": 2}),
    planted("unexpected_annotator", "error", 1, cells("annotator", [7], "eve"), expect={"annotators": PEOPLE}),
    planted("missing_annotator", "warning", 1, without(slice(1, None, 2)), expect={"annotators": PEOPLE}),
    planted("similar_annotators", "warning", 2, cells("annotator", [6], "Ann ")),
    planted("annotator_slip", "note", 2, cells("annotator", slice(0, None, 4), "anette"), data=annette),
    planted("no_overlap", "note", 1, without(slice(0, 1))),
    planted("annotator_apart", "warning", 1, own_items),
    planted("missing_column", "error", 1, lambda f: f.drop(columns="source"), expect={"columns": ["source"]}),
    planted("empty_payload", "warning", 1, cells("text", [4, 5], "")),
    planted("same_payload", "warning", N, cells("text", slice(None), "the same text for all of them")),
    planted("broken_text", "warning", 1, cells("text", [4, 5], "un cafÃ© noir")),
    planted("control_characters", "warning", 1, cells("text", [4, 5], "one\x07two")),
    planted("unreadable_json", "warning", 1, cells("meta", [4, 5], '{"page": ')),
    planted("repeated_item", "warning", 1, repeated),
    planted("near_repeated_item", "warning", 1, lambda f: cells("label", [2, 3], "sport")(punctuated(f))),
    planted("impossible_time", "error", 1, cells("timestamp", [9], pd.Timestamp("1970-01-01T00:00:05"))),
    planted("too_early", "error", 1, cells("timestamp", [0], START - pd.Timedelta(days=1)), expect=TIMES),
    planted("too_late", "error", 1, cells("timestamp", [9], START + pd.Timedelta(days=1)), expect=TIMES),
    planted("rounds_out_of_order", "warning", 1, a_round_before, data=two_rounds),
    planted("time_goes_back", "note", 1, cells("timestamp", [60], START + pd.Timedelta(seconds=30))),
    planted("one_time", "note", 2 * N, cells("timestamp", slice(None), START)),
    planted("negative_duration", "error", 1, cells("duration", [9], -3.0)),
    planted("zero_duration", "warning", 1, cells("duration", [9], 0.0)),
    planted("long_duration", "warning", 1, cells("duration", [9], 90_000.0)),
    planted("duration_over_gap", "note", 1, cells("duration", [9], 3600.0)),
]
AGAINST_REFERENCE = [
    against("new_class", "warning", 1, cells("label", [7], "weather")),
    against("gone_class", "warning", 1, cells("label", slice(None), "sport")),
    against("new_column", "warning", 1, lambda f: f.assign(language="en")),
    against("gone_column", "warning", 1, lambda f: f.drop(columns="source")),
    against("changed_type", "warning", 1, cells("score", [4, 5], "unknown")),
    against("changed_role", "note", 1, lambda f: f.drop(columns="duration")),
    against("changed_level", "warning", 1, same, level="ordinal"),
    against("new_annotator", "note", 1, cells("annotator", [7], "eve")),
    against("gone_annotator", "note", 1, cells("annotator", slice(1, None, 2), "eve")),
    against("shared_items", "note", 1, lambda f: f.replace({"item": {"t0": "r0"}})),
    against("share_of_classes", "warning", 1, cells("label", slice(0, 100), "sport")),
    against("share_of_annotators", "note", 1, without(slice(1, 80, 2))),
    against("share_of_column", "warning", 1, cells("source", slice(0, 100), "web")),
    against("share_of_missing", "warning", 1, cells("source", slice(0, 100), None)),
]  # fmt: skip


def findings(case: Planted, *, changed: bool) -> list[object]:
    frame = case.data(clean())
    found = annotations_of(case.change(frame) if changed else frame, case.level if changed else "nominal")
    reference = annotations_of(clean("r", seed=1)) if case.is_batch else None
    checked = lq.validate_annotations(found, expect=dict(case.expect), reference=reference)
    return [f for f in checked.findings if f.code == case.code]


@pytest.mark.parametrize("case", [*IN_FILE, *AGAINST_REFERENCE], ids=lambda case: case.code)
def test_a_planted_defect_is_found_and_data_without_it_give_no_such_code(case: Planted):
    assert findings(case, changed=False) == []
    (found,) = findings(case, changed=True)
    assert (found.severity, found.count) == (case.severity, case.count)
    assert found.what.endswith((".", ")"))
    assert found.examples or case.code == "shared_items"


def test_every_code_has_one_planted_defect():
    assert sorted(case.code for case in [*IN_FILE, *AGAINST_REFERENCE]) == sorted(result.CODES)


NO_CODES = {
    "audio_url", "file_name", "image_url", "video_url", "n_reference", "p_value", "p_adjusted", "cramers_v",
    "jensen_shannon", "largest_change", "next_step", "time_range", "labels_per_item",
}  # fmt: skip


def test_every_name_in_the_checks_that_may_be_a_code_is_listed():
    folder = Path(result.__file__).parent
    constants = [
        node.value
        for path in folder.glob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]
    named = {text for text in constants if re.fullmatch("[a-z]+(_[a-z]+)+", text)}
    assert named - NO_CODES - set(result.CODES) == set(), "add a new code to CODES, what is no code to NO_CODES"


def test_a_finding_with_a_code_that_is_not_listed_is_refused():
    with pytest.raises(ParameterError, match="no_such_code"):
        result.Finding(severity="note", code="no_such_code", what="x", count=1)


def test_clean_data_raise_nothing_at_all():
    reference = annotations_of(clean("r", seed=1))
    checked = lq.validate_annotations(annotations_of(clean()), reference=reference)
    assert checked.findings == ()
