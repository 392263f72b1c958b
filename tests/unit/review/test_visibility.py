"""The one place that decides what may be seen."""

from __future__ import annotations

import pandas as pd
import pytest

import labelqa as lq
from labelqa import review
from labelqa.errors import ParameterError
from labelqa.review.lookup import held_out_items
from labelqa.review.measured import measured
from labelqa.review.rounds import cancel_round, close_round
from tests.unit.review import flow


def items_of(annotations):
    return {str(i) for i in annotations.items}


def test_rules_and_gold_see_closed_rounds_without_held_out_items(project):
    flow.revised(project)
    manifest = flow.designed(project)
    flow.labeled(project, manifest)
    for purpose in ("rules", "gold"):
        seen = review.visible_annotations(project, purpose, actor="lea")
        assert not items_of(seen) & flow.held_out(project)
        assert list(seen.rounds) == ["1"]
    close_round(project, 2, actor="lea")
    seen = review.visible_annotations(project, "rules", actor="lea")
    assert list(seen.rounds) == ["1", "2"]
    assert not items_of(seen) & flow.held_out(project)
    assert set(seen.item_data["text"]) == {f"text of {i[1:]}" for i in items_of(seen)}


def test_labels_of_an_open_round_are_seen_by_statistics_only_and_without_names(project):
    manifest = flow.designed(project)
    flow.labeled(project, manifest, people=("ana",))
    with pytest.raises(ParameterError, match="when their round is closed"):
        review.visible_annotations(project, "rules", actor="rae", round=2)
    seen = review.visible_annotations(project, "proof", actor="rae", round=2)
    assert len(seen) == len(manifest.plan.items)  # without hidden repeats
    assert not items_of(seen) & set(manifest.plan.items)
    assert set(seen.annotators) <= {"A", "B"}
    assert list(seen.item_data.columns) in ([], ["item"])


def test_made_up_names_are_the_same_in_every_round(project):
    flow.second_round(project)
    seen = review.visible_annotations(project, "proof", actor="lea")
    first, second = (items_of(seen.where(round=r)) for r in ("1", "2"))
    assert len(first & second) >= 16  # paired and control items


def test_cancelled_rounds_are_seen_by_nobody(project):
    flow.labeled(project, flow.designed(project))
    cancel_round(project, 2, actor="lea", reason="wrong items")
    for purpose in ("rules", "gold", "proof"):
        assert list(review.visible_annotations(project, purpose, actor="lea").rounds) == ["1"]
        with pytest.raises(ParameterError, match="round 2 was cancelled") as error:
            review.visible_annotations(project, purpose, actor="lea", round=2)
        assert error.value.problems[0].allowed == ("1",)


def test_hidden_repeats_are_no_labels_of_agreement(project):
    manifest = flow.second_round(project)
    with project.store.read() as reader:
        hidden = held_out_items(reader, project)
    firsts = [a for a in manifest.plan.assignments if a.repeat_of is None and a.item not in hidden]
    assert any(a.repeat_of for a in manifest.plan.assignments)
    assert len(review.visible_annotations(project, "rules", actor="lea", round=2)) == len(firsts)
    assert len(measured(project, 2, actor="lea").annotations) == len(firsts)


def test_corrected_labels_are_seen_as_corrected(project):
    manifest = flow.designed(project, {"fresh": 8})
    flow.labeled(project, manifest, lambda item, who: "bug")
    flow.labeled(project, manifest, lambda item, who: "refund")
    close_round(project, 2, actor="lea")
    assert set(review.visible_annotations(project, "rules", actor="lea", round=2).to_frame()["label"]) == {"refund"}


def test_after_the_release_held_out_items_are_items_like_all_others(project):
    held = flow.held_out(project)
    before = review.visible_annotations(project, "rules", actor="rae")
    assert review.release_held_out(project, actor="lea", reason="the proof is done") == len(held)
    after = review.visible_annotations(project, "rules", actor="rae")
    assert items_of(after) - items_of(before) == {i for i in held if int(i[1:]) < flow.LABELED}
    assert review.progress(project, actor="rae").n_held_out == 0
    with pytest.raises(ParameterError, match="too few"):
        flow.designed(project, {"held_out": 1})


def test_unknown_purposes_and_rounds_are_refused(quick):
    with pytest.raises(ParameterError, match="purpose"):
        review.visible_annotations(quick, "curiosity", actor="lea")
    for purpose in ("rules", "proof"):
        with pytest.raises(ParameterError, match="no round 7"):
            review.visible_annotations(quick, purpose, actor="lea", round=7)


def test_times_of_labels_are_handed_on_and_times_of_storing_are_not(memory):
    frame = pd.DataFrame({"item": list("abcdef"), "ann": ["bug"] * 6, "ben": ["bug", "wish"] * 3})
    frame = frame.melt("item", var_name="annotator", value_name="label")
    frame["at"] = [f"2025-06-01 10:{k:02}:00" for k in range(len(frame) - 1)] + [None]
    names = {"item": "item", "annotator": "annotator", "label": "label"}
    settings = review.ProjectSettings(held_out=0)
    seen = {}
    for name, timestamp in (("timed", "at"), ("untimed", None)):
        data = lq.Annotations.from_frame(frame.drop(columns="at" if timestamp is None else []), **names,
                                         timestamp=timestamp)  # fmt: skip
        project = review.create_project("", name, actor="lea", annotations=data, settings=settings, store=memory)
        seen[name] = review.visible_annotations(project, "rules", actor="lea")
        assert review.visible_annotations(project, "proof", actor="lea").timestamp is None  # nameless
    assert seen["untimed"].timestamp is None
    assert pd.isna(seen["timed"].timestamp).sum() == 1
    assert seen["timed"].to_frame()["timestamp"].min() == pd.Timestamp("2025-06-01 10:00:00")


def test_labels_of_a_round_have_times_if_they_were_given_one_by_one(memory, tmp_path):
    project = flow.start(memory)
    manifest = flow.designed(project)
    flow.labeled(project, manifest, people=("ana",))
    file = review.export_round(project, 2, tmp_path, actor="lea")[1]
    filled = pd.read_csv(file, dtype=str).assign(label="bug")
    filled.to_csv(file, index=False)
    review.import_labels(project, 2, file, actor="lea", annotator="bo")
    close_round(project, 2, actor="lea")
    table = review.visible_annotations(project, "rules", actor="lea", round=2).to_frame()
    timed = table["timestamp"].notna().groupby(table["annotator"].astype(str)).mean()
    assert timed.to_dict() == {"ana": 1.0, "bo": 0.0}
