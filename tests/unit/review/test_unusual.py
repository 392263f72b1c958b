"""Whole loops on unusual names, classes, levels and data."""

from __future__ import annotations

import json

import pandas as pd
import pytest

import labelqa as lq
from labelqa import review
from labelqa.errors import StoreError
from labelqa.review.handing_out import file_name
from labelqa.review.measured import measured
from tests.contracts.stores import start_server
from tests.unit.review import flow

NAMES = ("Ana", "ana", "../x", "🦊 fox", "=cmd|' /C calc'!A0", 'a,"b" c')  # imported labels may know Ana and ana
STRANGE = ('a, "b"', "c|d", "line\nbreak", "=1+1")


def loop(store, classes, people=("ann", "ben"), level="nominal", payload=None, folder=None):
    """Walk once from imported labels to gold; return the project and the gold labels."""

    def said(k, at):
        return classes[(k + (at == 1 and k % 4 == 0)) % len(classes)]

    rows = [(f"i{k}", p, said(k, at)) for k in range(40) for at, p in enumerate(people[:2])]
    frame = pd.DataFrame(rows, columns=["item", "annotator", "label"])
    for name, make in (payload or {"text": "text {}".format}).items():
        frame[name] = [make(int(i[1:])) for i in frame["item"]]
    data = lq.Annotations.from_frame(
        frame, item="item", annotator="annotator", label="label", level=level, classes=list(classes)
    )
    project = review.create_project("", "odd", actor=people[0], annotations=data, store=store)
    for other in people[2:]:
        review.put_person(project, other, "annotator", actor=people[0])
    lead = people[0]
    manifest = review.design_round(project, people, {"held_out": 6, "paired": 12}, actor=lead)
    if folder is not None:
        files = review.export_round(project, 2, folder, actor=lead)
        assert len({f.name.lower() for f in files}) == len(people) + 1
        assert {f.parent for f in files} == {folder}
    names = project.classes
    for a in manifest.plan.assignments:
        review.save_label(project, 2, a.id, names[int(a.item[1:]) % len(names)], actor=a.annotator)
    review.close_round(project, 2, actor=lead)
    review.prove(project, 1, 2, actor=lead)
    review.progress(project, actor=lead).to_dict()
    review.self_consistency(project, 2, actor=lead)
    queue = review.review_queue(project, 1, actor=lead, pair=names[:2])
    assert {o.label for e in queue.entries for o in e.opinions} <= set(names)
    entry = review.review_queue(project, 1, actor=lead).entries[0]
    review.decide(project, entry.item, [entry.opinions[0].label, entry.opinions[1].label], "ambiguous_item", actor=lead)
    return project, review.export_gold(project, None if folder is None else folder / "gold", actor=lead)


def test_names_of_people_may_be_anything_that_can_be_read_and_is_not_too_long(store, tmp_path):
    project, gold = loop(store, ["x", "y", "z"], people=NAMES, folder=tmp_path)
    assert set(review.people_of(project)) == set(NAMES)
    assert set(gold.labels["decided_by"]) == {"", NAMES[0]}
    with pytest.raises(StoreError, match="longer than"):
        review.put_person(project, "long " * 2000, "annotator", actor=NAMES[0])


def test_files_of_people_have_short_names_of_their_own_everywhere():
    names = [*NAMES, 'a,"b"\nc', "x" * 1000, "X" * 1000, "", "con", "é", "e\u0301"]
    made = [file_name(n) for n in names]
    assert len({m.lower() for m in made}) == len(names)
    assert all(m.isascii() and len(m) < 80 and "/" not in m and "." not in m for m in made)


def test_names_of_classes_may_hold_commas_quotes_pipes_and_lines(memory, tmp_path):
    _, gold = loop(memory, STRANGE, folder=tmp_path)
    back = pd.read_csv(tmp_path / "gold" / "labels.csv", dtype=str, keep_default_na=False)
    assert {tuple(json.loads(v)) for v in back["valid_labels"]} >= {(STRANGE[0],), (STRANGE[1],)}
    decided = gold.labels.loc[gold.labels["provenance"] == "adjudicated", "valid_labels"].item()
    assert len(json.loads(decided)) == 2
    assert set(json.loads(decided)) <= set(STRANGE)


@pytest.mark.parametrize("classes", [[1.0, 2.0, 3.0], [1, 2, 3], [1.5, 2.0, -3.25], [0, 1]])
def test_numeric_labels_keep_their_level_and_their_names(memory, classes):
    project, gold = loop(memory, classes, level="interval")
    seen = review.visible_annotations(project, "rules", actor="ann", round=1)
    assert (seen.schema.level, tuple(map(float, seen.schema.classes))) == ("interval", tuple(classes))
    found = measured(project, 1, actor="ann")
    assert {c for pair in found.pairs for c in pair} <= set(project.classes)
    assert set(gold.labels["label"]) - {""} <= set(project.classes)


def test_ordinal_labels_keep_their_order(memory):
    project, _ = loop(memory, ["low", "middle", "high"], level="ordinal")
    seen = review.visible_annotations(project, "rules", actor="ann", round=1)
    assert (seen.schema.level, tuple(seen.schema.classes)) == ("ordinal", ("low", "middle", "high"))


def test_items_may_know_lists_tables_nothing_or_very_much(memory):
    payload = {
        "text": lambda k: f"text {k} " + "long " * (20_000 if k == 3 else 1),
        "tags": lambda k: ["a", ["b", {"c": k}]],
        "table": lambda k: {"k": [k]},
        "gap": lambda k: None if k % 2 else float(k),
        "label": str,
        "round": lambda k: k,
    }
    payload.pop("label")
    payload.pop("round")
    project, _ = loop(memory, ["x", "y"], payload=payload)
    entry = review.review_queue(project, 1, actor="ann", undecided=False).entries[0]
    assert entry.payload["tags"][0] == "a"
    assert ("gap" in entry.payload) == (int(entry.item[1:]) % 2 == 0)


def test_columns_of_items_may_be_called_like_those_of_labels(memory):
    items = pd.DataFrame({"item": [f"i{k}" for k in range(20)], "label": "l", "round": 7, "label (item)": "m"})
    project = review.create_project("", "p", actor="ann", items=items.assign(annotator="who", seconds=[*range(20)]),
                                    classes=["x", "y"], store=memory)  # fmt: skip
    review.put_person(project, "ben", "annotator", actor="ann")
    manifest = review.design_round(project, ["ann", "ben"], {"fresh": 10}, actor="ann", columns=["seconds"])
    flow.labeled(project, manifest, lambda item, who: "xy"[int(item[1:]) % 2], people=("ann", "ben"))
    review.close_round(project, 1, actor="ann")
    data = review.visible_annotations(project, "rules", actor="ann").item_data
    assert {"label (item)", "label (item) (item)", "round (item)", "annotator (item)"} <= set(data.columns)


def test_who_labeled_only_held_out_items_is_left_out_and_breaks_nothing(memory):
    project = flow.start(memory)
    review.put_person(project, "cy", "annotator", actor="lea")
    held = flow.held_out(project)
    manifest = flow.designed(project, {"held_out": 8, "fresh": 8}, people=("ana", "bo", "cy"))
    for a in manifest.plan.assignments:
        if a.annotator != "cy" or a.item in held:
            review.save_label(project, 2, a.id, flow.truth(a.item), actor=a.annotator)
    review.close_round(project, 2, actor="lea", allow_missing=True)
    assert set(review.visible_annotations(project, "rules", actor="lea", round=2).annotators) == {"ana", "bo"}
    review.prove(project, 1, 2, actor="lea")
    review.progress(project, actor="lea")
    review.export_gold(project, actor="lea")


def test_the_loop_runs_on_postgresql():
    server = start_server()
    try:
        from tests.contracts.stores import open_fixed

        with open_fixed(server.new_database()) as store:
            project, gold = loop(store, ["x", "y", "z"])
            assert len(gold.labels) == len([i for i in flow.shown_items(project) if i in set(gold.labels["item"])])
            assert review.review_queue(project, actor="ann").round == 2
    finally:
        server.stop()
