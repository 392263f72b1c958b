"""Structured annotations: one form per answer, nothing lost in silence."""

import numpy as np
import pandas as pd
import pytest

from labelqa.annotations.structured import StructuredAnnotations
from labelqa.annotations.structured_values import KINDS, normalised, tiers
from labelqa.errors import ColumnError, DuplicateError, LabelError, ParameterError

GOOD = {
    "sets": [({"a", "b"}, frozenset("ab")), (["b", "a", "b"], frozenset("ab")), ([], frozenset())],
    "spans": [
        ([(7, 9, "LOC"), (0, 5, "PER")], ((0, 5, "PER"), (7, 9, "LOC"))),
        ([{"start": 0, "end": 5, "label": "PER", "text": "Alice"}], ((0, 5, "PER"),)),
        ([[0, 5]], ((0, 5, None),)),
        ([(np.int64(0), 5.0, np.str_("PER"))] * 2, ((0, 5, "PER"),)),
        ([], ()),
    ],
    "boxes": [
        ([(0, 0, 1, 2, "cat")], ((0.0, 0.0, 1.0, 2.0, "cat"),)),
        (np.array([[0.5, 0, 1, 1]]), ((0.5, 0.0, 1.0, 1.0, None),)),
        ([{"x1": 0, "y1": 0, "x2": 1, "y2": 1, "label": 3}], ((0.0, 0.0, 1.0, 1.0, 3),)),
    ],
    "rankings": [
        (["b", "a"], ("b", "a")),
        (["c", ["b", "a"]], ("c", ("a", "b"))),
        ({"a": 2, "b": 2, "c": 1}, ("c", ("a", "b"))),
        ({"a": 10, "b": 3.5, "c": None}, ("b", "a")),
    ],
    "text": [("  a b", "  a b")],
    "numbers": [(3, 3.0), ("2.5", 2.5), (np.float32(0.5), 0.5), (-1, -1.0)],
    "values": [((1, "x"), (1, "x")), (np.int64(3), 3)],
}
BAD = {
    "sets": ["a, b", 3, [None], [["a"]], {"a": 1}],
    "spans": [
        [(5, 5, "PER")],
        [(-1, 5, "PER")],
        [(0.5, 2, "X")],
        (0, 5, "PER"),
        [("a", "b", "c")],
        [{"start": 1}],
        "x",
    ],
    "boxes": [[(0, 0, 0, 1, "cat")], [(0, 0, 1)], [(0, 0, 1, float("inf"), "cat")], [(0, 0, 1, 1, ["cat"])]],
    "rankings": ["ab", [], ["a", "a"], ["a", None], {"a": "first"}, [("a", ("b",))]],
    "text": [3, ["a"]],
    "numbers": ["three", "1e5", float("inf"), [1]],
    "values": [["a"], {"a": 1}, ("a", ["b"])],
}


def long_table(values, kind="sets", **columns):
    n = len(values)
    frame = pd.DataFrame({"item": range(n), "annotator": ["ann"] * n, "value": pd.Series(values, dtype=object)})
    frame = frame.assign(**columns)
    return StructuredAnnotations.from_frame(frame, item="item", annotator="annotator", value="value", kind=kind)


@pytest.mark.parametrize(("kind", "given", "form"), [(k, g, f) for k, pairs in GOOD.items() for g, f in pairs])
def test_equal_answers_get_one_form(kind, given, form):
    assert normalised(given, kind) == form


@pytest.mark.parametrize(("kind", "given"), [(k, v) for k, values in BAD.items() for v in values])
def test_a_value_of_another_kind_is_refused_with_its_row_and_what_is_allowed(kind, given):
    good = GOOD[kind][0][0]
    with pytest.raises(LabelError, match=r"frame row 1: value .* takes ") as caught:
        long_table([good, given], kind)
    assert caught.value.problem.row == 1


def test_all_bad_values_are_reported_at_once():
    with pytest.raises(LabelError) as caught:
        long_table(["a", {"b"}, "c"])
    assert [p.row for p in caught.value.problems] == [0, 2]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("gap", [None, float("nan"), pd.NA, pd.NaT, "", "  "])
def test_a_missing_value_is_no_annotation_and_is_counted(kind, gap):
    data = long_table([GOOD[kind][0][0], gap], kind)
    assert len(data) == 1
    assert data.n_missing == 1
    assert data.n_items == 2
    assert data.read_log.set_aside[0].rows == (1,)


def test_empty_lists_are_answers():
    assert long_table([[], []], "spans").values == ((), ())
    assert long_table([set(), set()]).n_missing == 0


def test_rows_without_item_or_annotator_are_set_aside_with_their_reason():
    data = long_table([{"a"}] * 3, item=["x", None, "y"], annotator=["ann", "ann", None])
    assert {s.reason: s.count for s in data.read_log.set_aside} == {"no item": 1, "no annotator": 1}
    assert len(data) == 1
    assert data.n_annotators == 1


def test_second_answers_are_an_error_that_names_item_and_annotator():
    rows = [("t7", "ann", {"a"}), ("t8", "ann", {"a"}), ("t7", "ann", {"b"})]
    with pytest.raises(DuplicateError, match=r"row 2: annotator 'ann' answered item 't7' again") as caught:
        StructuredAnnotations.from_records(rows, kind="sets")
    assert "on_duplicate='first'" in str(caught.value)
    assert "round column" not in str(caught.value)


@pytest.mark.parametrize(("choice", "kept"), [("first", "a"), ("last", "b")])
def test_the_chosen_answer_counts_where_there_are_two(choice, kept):
    rows = [("t7", "ann", {"a"}), ("t8", "ben", {"c"}), ("t7", "ann", {"b"})]
    data = StructuredAnnotations.from_records(rows, kind="sets", on_duplicate=choice)
    answers = dict(zip(data.items[data.item], data.values, strict=True))
    assert answers == {"t7": {kept}, "t8": {"c"}}
    assert "repeated" in data.read_log.set_aside[0].reason


def test_ids_like_007_stay_text():
    data = StructuredAnnotations.from_records([("007", "01", {"a"}), ("7", "1", {"a"})], kind="sets")
    assert list(data.items) == ["007", "7"]
    assert list(data.annotators) == ["01", "1"]


def test_to_frame_and_from_frame_are_inverse():
    rows = [("t1", "ann", [(0, 2, "A")]), ("t1", "ben", []), ("t2", "ann", [(3, 4, "B"), (0, 1, "A")])]
    data = StructuredAnnotations.from_records(rows, kind="spans")
    again = StructuredAnnotations.from_frame(
        data.to_frame(), item="item", annotator="annotator", value="value", kind="spans"
    )
    assert again.values == data.values
    assert again.item.tolist() == data.item.tolist()


def test_nested_polars_and_arrow_columns_are_read():
    pl = pytest.importorskip("polars", reason="polars is not installed")
    frame = pl.DataFrame(
        {"i": [1, 1, 2], "who": ["a", "b", "a"], "spans": [[{"start": 0, "end": 3, "label": "X"}], [], None]}
    )
    for table in (frame, frame.to_arrow()):
        data = StructuredAnnotations.from_frame(table, item="i", annotator="who", value="spans", kind="spans")
        assert data.values == (((0, 3, "X"),), ())
        assert data.n_missing == 1


def test_where_keeps_the_chosen_items_and_annotators():
    rows = [(i, a, {i}) for i in (1, 2, 3) for a in ("ann", "ben")]
    data = StructuredAnnotations.from_records(rows, kind="sets")
    part = data.where(item=[1, 3], annotator="ben")
    assert part.values == ({1}, {3})
    assert list(part.annotators) == ["ben"]
    with pytest.raises(ParameterError, match="does not occur"):
        data.where(item=9)


def test_wrong_parameters_are_refused():
    with pytest.raises(ParameterError, match=r"kind='span' is not known .* did you mean 'spans'"):
        StructuredAnnotations.from_records([], kind="span")
    with pytest.raises(ParameterError, match="record 0 is not a triple"):
        StructuredAnnotations.from_records([(1, 2)], kind="sets")
    with pytest.raises(ColumnError, match="there is no column 'who'"):
        StructuredAnnotations.from_frame(
            pd.DataFrame({"item": [1]}), item="item", annotator="who", value="v", kind="sets"
        )


def test_hostile_values_do_not_act_in_messages_or_pages():
    data = long_table([{"\x1b[31m<script>"}])
    assert "<script>" not in data._repr_html_()
    assert "\x1b" not in data._repr_html_()
    with pytest.raises(LabelError) as caught:
        long_table(["\x1b[31m red"], "numbers")
    assert "\x1b" not in str(caught.value)


def test_repr_says_what_to_call_next():
    text = repr(long_table([{"a"}, {"b"}]))
    assert text.splitlines()[0] == "StructuredAnnotations: 2 sets on 2 items by 1 annotators"
    assert text.splitlines()[-1].startswith("  next: labelqa.")


def test_tiers_list_ties_together():
    assert tiers(("c", ("a", "b"))) == [("c",), ("a", "b")]


@pytest.mark.parametrize("kind", ["spans", "boxes"])
@pytest.mark.parametrize("key", ["labels", "category", "type"])
def test_a_label_under_another_name_is_never_dropped_in_silence(kind, key):
    places = {"start": 0, "end": 4} if kind == "spans" else {"x1": 0, "y1": 0, "x2": 1, "y2": 1}
    with pytest.raises(LabelError, match=f"has no 'label', only '{key}'"):
        long_table([[places | {key: "PER"}]], kind)
    assert long_table([[places], [places | {key: "PER", "label": None}]], kind).values[0][0][-1] is None


def test_one_span_without_its_list_is_pointed_out():
    with pytest.raises(LabelError, match=r"value 0, an entry of the list, is not \(start, end, label\)"):
        long_table([(0, 5, "PER")], "spans")


def test_json_text_is_refused_with_the_way_to_parse_it():
    with pytest.raises(LabelError, match=r"parse it first, with json\.loads"):
        long_table(['[[0, 5, "PER"]]'], "spans")


def test_the_repr_counts_every_row_that_was_set_aside():
    rows = [("t1", "ann", {"x"}), (None, "ann", {"x"}), ("t2", None, {"x"}), ("t2", "ann", None)]
    shown = repr(StructuredAnnotations.from_records(rows, kind="sets"))
    assert "rows set aside: 3 (no item 1, no annotator 1, no value 1)" in shown
