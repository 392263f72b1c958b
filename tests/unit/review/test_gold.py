"""Gold labels and where they come from."""

from __future__ import annotations

import hashlib
import json

import pandas as pd
import pytest

from labelqa import review
from labelqa.errors import ParameterError
from tests.unit.review import flow


def rows(project):
    gold = review.export_gold(project, actor="lea")
    return gold, gold.labels.set_index("item")


def test_every_label_says_where_it_comes_from(project):
    contested = [e.item for e in review.review_queue(project, actor="lea").entries]
    review.decide(project, contested[0], ["refund"], "slip", actor="rae", rule_id="R3", confidence=0.5)
    review.decide(project, contested[1], ["refund", "billing"], "ambiguous_item", actor="lea")
    gold, table = rows(project)
    assert set(table.index) == {i for i in flow.shown_items(project) if int(i[1:]) < flow.LABELED}
    one, two, three = (table.loc[i] for i in contested[:3])
    assert (one["label"], one["provenance"], one["decided_by"], one["rule_id"]) == (
        "refund",
        "adjudicated",
        "rae",
        "R3",
    )
    assert one["reason"] == "decided by rae under version 1, rule R3"
    assert (two["label"], json.loads(two["valid_labels"])) == ("", ["refund", "billing"])
    assert (three["label"], three["provenance"], three["reason"]) == ("", "unresolved", "people disagree")
    alike = table[~table.index.isin(contested)]
    assert set(alike["provenance"]) == {"unanimous"}
    assert (alike["label"] == [flow.truth(i) for i in alike.index]).all()
    soft = gold.soft_labels.set_index("item")
    assert soft.loc[contested[0]].tolist() == [0, 0, 1]
    assert soft.loc[contested[1]].tolist() == [0.5, 0, 0.5]
    assert soft.loc[contested[2]].tolist() == [0.5, 0, 0.5]
    assert gold.n_held_out == sum(int(i[1:]) < flow.LABELED for i in flow.held_out(project))


def test_an_undone_decision_counts_no_more_and_stays_in_the_log(project):
    item = review.review_queue(project, actor="lea").entries[0].item
    made = review.decide(project, item, ["refund"], "slip", actor="rae")
    review.undo_decision(project, made.uuid, actor="rae")
    gold, table = rows(project)
    assert table.loc[item, "provenance"] == "unresolved"
    assert gold.decisions["kind"].tolist() == ["decide", "undo"]


def test_an_item_that_was_only_decided_is_in_it(project):
    item = next(i for i in flow.shown_items(project) if int(i[1:]) >= flow.LABELED)
    review.decide(project, item, "bug", "slip", actor="lea")
    gold, table = rows(project)
    found = table.loc[item]
    assert (found["label"], found["provenance"], found["n_labels"]) == ("bug", "adjudicated", 0)
    assert pd.isna(found["round"])
    assert gold.soft_labels.set_index("item").loc[item].tolist() == [0, 1, 0]


def test_the_last_round_that_labeled_an_item_counts(project):
    manifest = flow.second_round(project)
    _, table = rows(project)
    again = {a.item for a in manifest.plan.assignments} - flow.held_out(project)
    assert set(table.index[table["round"] == 2]) == again
    assert set(table.loc[sorted(again), "provenance"]) == {"unanimous"}
    assert table.loc[sorted(again), "guideline_version"].tolist() == [2] * len(again)
    assert (table["n_labels"] == 2).all()  # hidden repeats are no third label


def test_a_decision_by_a_rule_that_changed_since_is_marked(project):
    flow.revised(project)
    item = review.review_queue(project, actor="lea").entries[0].item
    rule = review.guideline_version(project).guideline.ids[-1]
    review.decide(project, item, "refund", "guideline_gap", actor="lea", rule_id=rule)
    assert not rows(project)[1].loc[item, "rule_changed_since"]
    guideline = review.guideline_version(project).guideline
    review.publish_guideline(project, guideline.without_rule(rule), base=2, actor="lea", reason="wrong")
    gold, table = rows(project)
    assert table.loc[item, "rule_changed_since"]
    assert "1 decision by a rule that changed since" in repr(gold)


def test_the_files_are_sound_and_hashed(project, tmp_path):
    entries = review.review_queue(project, actor="lea").entries
    review.decide(project, entries[0].item, "bug", "slip", actor="lea", confidence=0.5)
    made = review.decide(project, entries[1].item, "bug", "slip", actor="lea", note='a "note",\nof two lines')
    review.undo_decision(project, made.uuid, actor="lea")
    gold = review.export_gold(project, tmp_path / "gold", actor="lea")

    def refuse(constant):
        raise AssertionError(constant)

    lines = (tmp_path / "gold" / "decisions.jsonl").read_text(encoding="utf-8").splitlines()
    log = [json.loads(line, parse_constant=refuse) for line in lines]
    assert [d["confidence"] for d in log] == [0.5, None, None]
    assert [d["guideline_version"] for d in log] == [1, 1, None]
    manifest = json.loads((tmp_path / "gold" / "manifest.json").read_text(encoding="utf-8"))
    for name, digest in manifest["files"].items():
        assert hashlib.sha256((tmp_path / "gold" / name).read_bytes()).hexdigest() == digest
    back = pd.read_csv(tmp_path / "gold" / "labels.csv", dtype=str, keep_default_na=False)
    assert back["item"].tolist() == gold.labels["item"].tolist()
    assert set(back["round"]) == {"1"}
    json.dumps(gold.to_dict(), allow_nan=False)
    with pytest.raises(ParameterError, match="holds files"):
        review.export_gold(project, tmp_path / "gold", actor="lea")


def test_without_a_closed_round_there_is_no_gold(memory):
    project = review.create_project("", "p", actor="lea", items=flow.new_items(), classes=flow.CLASSES, store=memory)
    with pytest.raises(ParameterError, match="no round is closed"):
        review.export_gold(project, actor="lea")


def test_held_out_items_are_released_once_and_not_while_a_round_is_open(project):
    flow.designed(project)
    with pytest.raises(ParameterError, match="round 2 is open"):
        review.release_held_out(project, actor="lea", reason="r")
    review.close_round(project, 2, actor="lea", allow_missing=True)
    review.release_held_out(project, actor="lea", reason="r")
    with pytest.raises(ParameterError, match="released already"):
        review.release_held_out(project, actor="lea", reason="r")
    assert review.export_gold(project, actor="lea").n_held_out == 0


def test_what_is_open_is_the_next_step(project):
    gold, table = rows(project)
    left = table.index[table["provenance"] == "unresolved"]
    assert f"review.decide for {len(left)} unresolved items" in repr(gold)
    for item in left:
        review.decide(project, item, "bug", "slip", actor="lea")
    assert "unresolved item" not in repr(rows(project)[0])
