"""What comes into a project."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

import labelqa as lq
from labelqa import review
from labelqa.errors import ColumnError, ParameterError, StoreError
from labelqa.review.intake import item_payloads
from tests.unit.review import flow


def annotations(items=("a", "b"), people=("ann", "ben"), labels=("x", "y", "y", "y"), **more):
    rows = [(i, p) for i in items for p in people]
    frame = pd.DataFrame({"item": [r[0] for r in rows], "annotator": [r[1] for r in rows], "label": labels, **more})
    roles = {c: c for c in ("round", "timestamp", "duration") if c in frame}
    return lq.Annotations.from_frame(frame, item="item", annotator="annotator", label="label", **roles)


def created(store, data=None, **more):
    settings = more.pop("settings", review.ProjectSettings(held_out=0))
    return review.create_project("", "p", actor="lea", annotations=data, settings=settings, store=store, **more)


def test_each_round_that_came_with_the_labels_is_a_closed_round(store):
    data = annotations(items=("a", "b", "a", "b"), labels=("x", "y", "y", "y") * 2, round=["r2"] * 4 + ["r10"] * 4)
    project = created(store, data)
    table = review.progress(project, actor="lea").to_frame()
    assert table[["round", "name", "state", "n_labels"]].to_numpy().tolist() == [
        [1, "r2", "closed", 4], [2, "r10", "closed", 4]]  # fmt: skip
    assert list(review.visible_annotations(project, "rules", actor="lea").rounds) == ["1", "2"]


def test_labels_come_back_as_they_were(project):
    seen = review.visible_annotations(project, "rules", actor="lea").to_frame()
    shown = set(flow.shown_items(project))
    before = flow.first_labels().to_frame()
    columns = ["item", "annotator", "label"]
    wanted = before[before["item"].isin(shown)][columns].sort_values(columns)
    pd.testing.assert_frame_equal(
        seen[columns].sort_values(columns).reset_index(drop=True).astype(str), wanted.reset_index(drop=True).astype(str)
    )


def test_times_and_durations_are_kept(store):
    times = ["2025-01-01T10:00:00Z", None, "2025-01-01T12:30:00+02:00", "2025-01-02"]
    project = created(store, annotations(timestamp=times, duration=[1.5, None, 0, 2]))
    with project.store.read() as reader:
        labels = reader.labels(project.id)
    assert [r.seconds for r in labels] == [1.5, None, 0, 2]
    assert labels[0].created_utc == "2025-01-01T10:00:00.000000+00:00"
    assert labels[1].created_utc.startswith("2026-01-01T")  # unknown: when it was stored
    assert labels[2].created_utc == "2025-01-01T10:30:00.000000+00:00"


@pytest.mark.parametrize("role", ["items", "people"])
def test_names_that_would_become_one_as_text_are_refused(memory, role):
    with pytest.raises(ColumnError, match="would become one, as text: '1'"):
        created(memory, annotations(**{role: (1, "1")}))
    with memory.read() as reader:
        assert reader.projects() == []


def test_the_same_seed_holds_out_the_same_items_and_another_seed_others(memory):
    held = [flow.held_out(flow.start(memory, name=f"p{k}", seed=seed)) for k, seed in enumerate((3, 3, 4))]
    assert held[0] == held[1] != held[2]
    assert len(held[0]) == round(0.2 * (flow.LABELED + flow.FRESH))


def test_copies_of_one_item_are_held_out_together_even_if_they_come_later(memory):
    items = pd.DataFrame({"item": [f"i{k}" for k in range(40)], "text": [f"text {k // 2}" for k in range(40)]})
    settings = review.ProjectSettings(held_out=0.5)
    project = created(memory, items=items, classes=["x", "y"], settings=settings)
    later = items.assign(item=[f"late{k}" for k in range(40)])
    review.add_items(project, later, actor="lea")
    with memory.read() as reader:
        found = pd.DataFrame([(r.payload["text"], r.held_out) for r in reader.items(project.id)])
    assert found.groupby(0)[1].nunique().max() == 1
    assert 0 < found[1].mean() < 1


def test_new_items_are_held_out_by_the_same_share(memory):
    project = created(
        memory, items=flow.new_items(), classes=["x", "y"], settings=review.ProjectSettings(held_out=0.25)
    )
    more = pd.DataFrame({"item": [f"n{k}" for k in range(40)], "text": [f"new {k}" for k in range(40)]})
    assert review.add_items(project, more, actor="lea") == 40
    assert len({i for i in flow.held_out(project) if i[0] == "n"}) == 10


def test_items_that_are_there_are_passed_over_held_out_or_not(project):
    assert review.add_items(project, flow.new_items(), actor="lea") == 0
    with pytest.raises(StoreError, match="other data"):
        review.add_items(project, flow.new_items().assign(text="changed"), actor="lea")


def test_items_without_data_need_no_data(memory):
    project = created(memory, items=pd.DataFrame(index=["a", "b", "c"]), classes=["x", "y"])
    assert flow.shown_items(project) == ["a", "b", "c"]
    plain = created_second(memory)
    assert len(review.visible_annotations(plain, "rules", actor="lea")) == 4


def created_second(store):
    return review.create_project("", "q", actor="lea", annotations=annotations(), store=store,
                                 settings=review.ProjectSettings(held_out=0))  # fmt: skip


def test_numbers_with_gaps_are_the_ids_that_annotations_have():
    assert list(item_payloads(pd.DataFrame({"item": [1.0, 2.0], "text": "t"}))) == ["1", "2"]
    assert list(item_payloads(pd.DataFrame({"item": [1.5, 2.0], "text": "t"}))) == ["1.5", "2.0"]


def test_missing_and_repeated_ids_are_told_together():
    with pytest.raises(ColumnError) as told:
        item_payloads(pd.DataFrame({"item": ["a", "a", None, " "], "text": "t"}))
    assert "2 rows" in str(told.value)
    assert "occur twice" in str(told.value)


def test_what_json_cannot_hold_becomes_what_it_can():
    row = {"item": "a", "n": np.int64(3), "x": math.nan, "y": math.inf, "tags": ["b", ["c", 1.5]],
           "when": pd.Timestamp("2025-01-01"), "d": {"k": np.float64(2)}, "none": None, 7: "seven"}  # fmt: skip
    assert item_payloads(pd.DataFrame([row])) == {
        "a": {"n": 3, "tags": ["b", ["c", 1.5]], "when": "2025-01-01T00:00:00", "d": {"k": 2.0}, "7": "seven"}
    }


def test_classes_labels_and_guideline_that_contradict_each_other_are_refused(memory):
    guideline = lq.Guideline(classes=("x", "z"), rules=())
    for more in (
        {"classes": ["x", "z"]},
        {"guideline": guideline},
        {"classes": ["x", "y", "z"], "guideline": guideline},
    ):
        with pytest.raises(ParameterError):
            created(memory, annotations(), **more)
    for wrong in (["x"], [], ["x", "x"], [1, "1"]):
        with pytest.raises(ParameterError, match="class"):
            created(memory, items=flow.new_items(), classes=wrong)
    with memory.read() as reader:
        assert reader.projects() == []


def test_a_project_opens_by_name_or_alone(store):
    first = created(store, annotations())
    assert review.open_project("", store=store).id == first.id
    created_second(store)
    with pytest.raises(ParameterError, match="several projects"):
        review.open_project("", store=store)
    assert review.open_project("", "q", store=store).classes == ("x", "y")
    with pytest.raises(StoreError, match="no project 'r'"):
        review.open_project("", "r", store=store)


@pytest.mark.parametrize("wrong", [{"held_out": 0.6}, {"held_out": -0.1}, {"seed": -1}, {"target": 1}, {"seed": 1.5}])
def test_settings_that_are_not_possible_are_refused(wrong):
    with pytest.raises(ParameterError, match=next(iter(wrong))):
        review.ProjectSettings(**wrong)


def test_columns_to_show_must_exist(memory):
    with pytest.raises(ParameterError, match="no column 'txt'"):
        created(memory, items=flow.new_items(), classes=["x", "y"], settings=review.ProjectSettings(shown=("txt",)))
