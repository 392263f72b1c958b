"""The annotations table: building, selecting, merging, joining."""

import numpy as np
import pandas as pd
import pytest

import labelqa as lq
from labelqa.annotations.table import Annotations
from labelqa.errors import ColumnError, DuplicateError, LabelError, ParameterError

LONG = pd.DataFrame(
    {
        "item": ["i1", "i1", "i2", "i2", "i3"],
        "annotator": ["ana", "ben", "ana", "ben", "ana"],
        "label": ["x", "y", "x", "x", "y"],
        "text": ["one", "one", "two", "two", "three"],
        "note": ["a", "b", "c", "d", "e"],
    }
)


def from_long(frame=LONG, **kwargs):
    return Annotations.from_frame(frame, item="item", annotator="annotator", label="label", **kwargs)


def test_long_rows_become_codes_and_names():
    ann = from_long()
    assert ann.item.dtype == ann.annotator.dtype == ann.label.dtype == np.int32
    assert ann.items.tolist() == ["i1", "i2", "i3"]
    assert ann.annotators.tolist() == ["ana", "ben"]
    assert ann.schema.classes == ("x", "y")
    assert ann.counts.tolist() == [[1, 1], [2, 0], [0, 1]]
    assert len(ann) == 5


def test_columns_constant_within_an_item_are_kept_and_others_named():
    ann = from_long()
    assert ann.item_data["text"].tolist() == ["one", "two", "three"]
    assert "note" not in ann.item_data
    assert any("note" in note for note in ann.read_log.notes)


def test_round_trip_through_a_frame_gives_the_same_table():
    ann = from_long()
    again = from_long(ann.to_frame())
    assert again.to_frame().equals(ann.to_frame())


def test_a_missing_label_is_an_absent_row_and_its_item_stays():
    ann = from_long(LONG.assign(label=["x", None, "x", "x", ""]))
    assert len(ann) == 3
    assert ann.items.tolist() == ["i1", "i2", "i3"]
    assert [(s.count, s.rows, s.reason) for s in ann.read_log.set_aside] == [(2, (1, 4), "no label")]
    assert ann.read_log.n_labels_used == 3


def test_rows_without_item_or_annotator_are_set_aside_with_their_reason():
    ann = from_long(LONG.assign(item=["i1", None, "i2", "i2", "i3"], annotator=["ana", "ben", "ana", None, "ana"]))
    assert {s.reason: s.rows for s in ann.read_log.set_aside} == {"no item": (1,), "no annotator": (3,)}


@pytest.mark.parametrize(
    ("labels", "classes"),
    [
        ([0.0, 1.0, None, 1.0, 0.0], (0, 1)),
        ([0.5, 1.0, None, 1.0, 0.5], (0.5, 1.0)),
        (["1", "10", "2", "1", "2"], ("1", "2", "10")),
        (["007", "7", "7", "7", "007"], ("7", "007")),
        (["NA", "None", "null", "nan", "NA"], ("NA", "nan", "None", "null")),
        ([True, False, True, True, True], (False, True)),
        (["b10", "b9", "b9", "b9", "b9"], ("b9", "b10")),
    ],
)
def test_labels_keep_what_they_mean(labels, classes):
    ann = from_long(LONG.assign(label=pd.Series(labels, dtype=object) if None not in labels else labels))
    assert ann.schema.classes == classes
    assert [type(c) for c in ann.schema.classes] == [type(c) for c in classes]


def test_an_ordered_categorical_gives_the_order_of_the_classes():
    labels = pd.Categorical(LONG["label"], categories=["y", "x", "z"], ordered=True)
    schema = from_long(LONG.assign(label=labels), level="ordinal").schema
    assert schema.classes == ("y", "x", "z")
    assert not schema.order_is_guessed


def test_declared_classes_fix_order_and_refuse_others():
    assert from_long(classes=["z", "y", "x"]).schema.classes == ("z", "y", "x")
    with pytest.raises(
        LabelError, match=r"frame row 1: label 'y' is not a class \(allowed: x, yy; did you mean 'yy'\?\)"
    ):
        from_long(classes=["x", "yy"])


@pytest.mark.parametrize(
    ("classes", "message"), [("x,y", "is one text"), ([], "is empty"), (["x", "y", "x"], "names a class twice: x")]
)
def test_wrong_classes_are_refused(classes, message):
    with pytest.raises(ParameterError, match=message):
        from_long(classes=classes)


def test_a_missing_column_is_named_with_those_that_exist():
    with pytest.raises(ColumnError, match=r"no column 'worker' \(asked for as annotator\) \(allowed: item, annotator"):
        Annotations.from_frame(LONG, item="item", annotator="worker", label="label")


def test_duplicates_are_an_error_or_resolved_as_asked():
    twice = pd.concat([LONG, LONG.iloc[[0]].assign(label="y")], ignore_index=True)
    with pytest.raises(DuplicateError, match="annotator 'ana' labeled item 'i1' again"):
        from_long(twice)
    assert from_long(twice, on_duplicate="first").where(item="i1", annotator="ana").to_frame()["label"].tolist() == [
        "x"
    ]
    last = from_long(twice, on_duplicate="last")
    assert last.where(item="i1", annotator="ana").to_frame()["label"].tolist() == ["y"]
    assert [s.rows for s in last.read_log.set_aside] == [(0,)]


def test_the_same_pair_in_two_rounds_is_no_duplicate():
    rounds = pd.concat([LONG.assign(r=1), LONG.assign(r=2)], ignore_index=True)
    ann = from_long(rounds, round="r")
    assert ann.n_rounds == 2
    assert len(ann.where(round=2)) == 5


def test_rounds_are_in_natural_order():
    rounds = pd.concat([LONG.assign(r="round 10"), LONG.assign(r="round 9")], ignore_index=True)
    assert from_long(rounds, round="r").rounds.tolist() == ["round 9", "round 10"]


def test_wide_tables_read_row_by_row():
    wide = pd.DataFrame({"id": ["007", "7"], "ana": ["x", None], "ben": ["y", "x"], "text": ["a", "b"]})
    ann = Annotations.from_wide(wide, annotators=["ana", "ben"], item="id")
    assert ann.to_frame()[["item", "annotator", "label", "text"]].values.tolist() == [
        ["007", "ana", "x", "a"],
        ["007", "ben", "y", "a"],
        ["7", "ben", "x", "b"],
    ]
    assert [s.count for s in ann.read_log.set_aside] == [1]


@pytest.mark.parametrize("kind", ["polars", "lazy", "pyarrow"])
def test_other_frames_give_the_same_table(kind):
    if kind == "pyarrow":
        frame = pytest.importorskip("pyarrow").Table.from_pandas(LONG)
    else:
        polars = pytest.importorskip("polars", reason="polars is not installed")
        frame = polars.DataFrame(LONG.to_dict("list"))
        frame = frame.lazy() if kind == "lazy" else frame
    assert from_long(frame).to_frame().values.tolist() == from_long().to_frame().values.tolist()


def test_where_keeps_what_meets_all_conditions_and_drops_unused_items():
    ann = from_long().where(annotator="ana", label=["x"])
    assert ann.items.tolist() == ["i1", "i2"]
    assert ann.annotators.tolist() == ["ana"]
    assert ann.schema.classes == ("x", "y")
    assert from_long().where(item_data={"text": ["two", "three"]}).items.tolist() == ["i2", "i3"]


@pytest.mark.parametrize(
    ("condition", "message"),
    [
        ({"annotator": "anna"}, "annotator='anna' does not occur .*did you mean 'ana'"),
        ({"round": 1}, "this data has no round column"),
        ({"item_data": {"txt": "a"}}, "there is no item column 'txt'"),
        ({"mask": [True]}, r"mask has dtype bool and shape \(1,\)"),
    ],
)
def test_where_refuses_what_does_not_exist(condition, message):
    with pytest.raises((ParameterError, ColumnError), match=message):
        from_long().where(**condition)


@pytest.mark.parametrize("merge", [{"z": ["x", "y"]}, {"x": "z", "y": "z"}])
def test_classes_merge_in_either_notation_and_the_log_says_so(merge):
    ann = from_long().merge_classes(merge)
    assert ann.schema.classes == ("z",)
    assert ann.read_log.notes[-1] == "classes merged before measuring: x + y -> z"


def test_merging_an_unknown_class_is_refused():
    with pytest.raises(ParameterError, match="there is no class 'q'"):
        from_long().merge_classes({"z": ["q"]})


def test_anonymised_annotators_get_letters_in_the_order_of_their_names():
    wide = pd.DataFrame({f"r{i}": ["x", "y"] for i in range(28, 0, -1)})
    ann = Annotations.from_wide(wide).anonymise()
    assert ann.annotators.tolist()[-1] == "A"
    assert ann.annotators.tolist()[0] == "AB"
    assert "r28" not in str(ann.read_log)


def test_joined_tables_share_items_and_annotators():
    parts = [from_long(LONG.assign(r=1), round="r"), from_long(LONG.assign(r=2, label="z"), round="r")]
    ann = Annotations.concat(parts)
    assert (len(ann), ann.n_items, ann.n_annotators, ann.n_rounds) == (10, 3, 2, 2)
    assert ann.schema.classes == ("x", "y", "z")
    with pytest.raises(DuplicateError):
        Annotations.concat([from_long(), from_long()])


def test_timestamps_and_durations_are_read_and_bad_ones_named():
    frame = LONG.assign(
        t=["2024-01-02T03:04:05Z", "2024-01-02 03:04", "soon", None, "2024-01-03"], d=[1, 2.5, None, 3, 4]
    )
    ann = from_long(frame, timestamp="t", duration="d")
    assert ann.timestamp[0] == np.datetime64("2024-01-02T03:04:05")
    assert np.isnat(ann.timestamp[2])
    assert np.isnan(ann.duration[2])
    assert "1 values in the timestamp column are not times and were left empty" in ann.read_log.notes


def test_epoch_numbers_are_times_in_seconds_or_milliseconds():
    for unit in (1, 1000):
        ann = from_long(LONG.assign(t=[1_700_000_000 * unit] * 5), timestamp="t")
        assert ann.timestamp[0] == np.datetime64("2023-11-14T22:13:20")


def test_a_repr_says_what_is_inside_and_what_to_call():
    text = repr(from_long())
    assert "5 labels on 3 items by 2 annotators, 2 classes" in text
    assert "next: labelqa.agreement_table" in text
    assert "<b>" not in from_long(LONG.assign(label="<b>"))._repr_html_()


def test_empty_tables_are_legal():
    ann = from_long(LONG.iloc[:0])
    assert len(ann) == 0
    assert lq.agreement(ann).undefined_because == "there are no labels"
    assert lq.class_agreement(ann).to_frame().empty
    assert lq.annotator_agreement(ann).to_frame().empty
    assert lq.item_disagreement(ann).to_frame().empty


def test_large_tables_are_coded_side_by_side_with_the_same_result(monkeypatch):
    one = from_long()
    monkeypatch.setattr("labelqa.annotations.coding.SIDE_BY_SIDE", 1)
    assert from_long().to_frame().equals(one.to_frame())


def test_texts_that_spell_numbers_are_measured_as_those_numbers():
    spelled = from_long(LONG.assign(label=["1", "10", "2", "1", "2"]))
    assert spelled.schema.values.tolist() == [1, 2, 10]


def test_anonymised_data_names_nobody_as_column_file_or_in_notes(tmp_path):
    for name in ("zelda", "yorick"):
        (tmp_path / f"{name}.csv").write_text("item,label\n1,x\n2,\n3,y\n", encoding="utf-8")
    ann = lq.read_annotations(tmp_path).anonymise()
    assert ann.annotators.tolist() == ["A", "B"]
    assert [s.name for s in ann.read_log.sources] == ["A.csv", "B.csv"]
    report = lq.build_report(ann)
    for view in (report.to_json(), report.to_html(), report.to_markdown(), report.to_text()):
        assert "zelda" not in view
        assert "yorick" not in view


def test_cannot_tell_holds_for_every_spelling_that_cleaning_makes_alike(tmp_path):
    path = tmp_path / "l.csv"
    path.write_text("item,annotator,label\n1,a,Unsure\n1,b,unsure\n2,a,x\n2,b,x\n3,a,y\n3,b,Unsure\n", encoding="utf-8")
    ann = lq.read_annotations(path, cleaning=lq.LabelCleaning(normalise=True, cannot_tell=("Unsure",)))
    assert ann.schema.classes == ("x", "y")
    assert sum(s.count for s in ann.read_log.set_aside) == 3


def test_unused_categories_of_rounds_and_annotators_do_not_count():
    frame = LONG.assign(r=pd.Categorical(["2"] * 5, categories=["1", "2"]))
    frame["annotator"] = pd.Categorical(frame["annotator"], categories=["zoe", "ana", "ben"])
    ann = from_long(frame, round="r")
    assert (ann.n_rounds, ann.annotators.tolist()) == (1, ["ana", "ben"])


def test_the_declared_order_of_rounds_is_kept():
    rounds = pd.Categorical(["pilot"] * 5 + ["main"] * 5, categories=["pilot", "main"], ordered=True)
    ann = from_long(pd.concat([LONG, LONG], ignore_index=True).assign(r=rounds), round="r")
    assert ann.rounds.tolist() == ["pilot", "main"]


def test_rounds_without_numbers_follow_their_time_or_are_called_a_guess():
    both = pd.concat([LONG.assign(r="pilot", t="2024-01-01"), LONG.assign(r="main", t="2024-02-01")], ignore_index=True)
    timed = from_long(both, round="r", timestamp="t")
    assert timed.rounds.tolist() == ["pilot", "main"]
    guessed = from_long(both.drop(columns="t"), round="r")
    assert guessed.rounds.tolist() == ["main", "pilot"]
    assert any("guessed from their names" in note for note in guessed.read_log.notes)


def test_annotators_without_a_label_are_named_and_not_counted():
    wide = pd.DataFrame({"ana": ["x", "y"], "ben": ["x", "y"], "cem": [None, None]})
    ann = Annotations.from_wide(wide)
    assert ann.annotators.tolist() == ["ana", "ben"]
    assert any("cem" in note for note in ann.read_log.notes)


def test_a_selection_is_written_to_the_read_log():
    assert from_long().where(annotator="ana").read_log.notes[-1] == "a part was measured: annotator=ana (3 of 5 labels)"


def test_where_finds_numbers_whatever_their_type_and_refuses_values_that_do_not_occur():
    ann = from_long(LONG.assign(n=[1.0, 1.0, 2.0, 2.0, None], label=[1, 2, 1, 1, 2]))
    assert ann.where(item_data={"n": 1}).items.tolist() == ["i1"]
    assert len(ann.where(label=1.0)) == 3
    with pytest.raises(ParameterError, match=r"no item has n=7 \(allowed: 1.0, 2.0\)"):
        ann.where(item_data={"n": 7})


def test_joining_keeps_logs_and_items_without_labels():
    one = from_long(LONG.assign(label=["x", "y", "x", "x", None]))
    two = from_long(LONG.assign(item=["j1", "j1", "j2", "j2", "j3"]))
    both = Annotations.concat([one, two])
    assert both.n_items == 6
    assert both.item_data["text"].tolist() == ["one", "two", "three", "one", "two", "three"]
    assert both.read_log.n_rows_read == 10
    assert [s.reason for s in both.read_log.set_aside] == ["no label"]


def test_joining_tables_with_and_without_rounds_is_refused():
    with pytest.raises(ParameterError, match="part 1 has no rounds and others have"):
        Annotations.concat([from_long(LONG.assign(r=1), round="r"), from_long()])


def test_an_item_column_called_label_survives_the_way_to_a_frame():
    wide = pd.DataFrame({"id": ["1", "2"], "ana": ["x", "y"], "ben": ["x", "x"], "label": ["g", "h"]})
    frame = Annotations.from_wide(wide, annotators=["ana", "ben"], item="id").to_frame()
    assert frame["label_of_item"].tolist() == ["g", "g", "h", "h"]


def test_labels_that_are_lists_are_refused_with_the_way_out():
    with pytest.raises(LabelError, match="holds lists"):
        from_long(LONG.assign(label=[["x"], ["y"], ["x"], ["x"], ["y"]]))
