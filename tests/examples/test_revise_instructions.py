"""The campaign of examples/revise_instructions.py tells the story that was planted, and tells it twice alike."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pytest

from labelqa import review
from labelqa.review.gold import LABELS

SCRIPT = Path(__file__).resolve().parents[2] / "examples" / "revise_instructions.py"
SECONDS = 30  # of processor time, so that a busy machine is not a failure


@dataclass(frozen=True)
class Campaign:
    folder: Path
    said: str
    seconds: float

    def files(self) -> dict[str, bytes]:
        """Return what people get: the files of round 2 and the gold export."""
        return {str(f.relative_to(self.folder)): f.read_bytes() for f in sorted(self.folder.glob("*/*"))}

    def gold(self) -> pd.DataFrame:
        return pd.read_csv(self.folder / "gold" / "labels.csv", dtype=str, keep_default_na=False)


def run(folder: Path) -> Campaign:
    before = os.times()
    done = subprocess.run(
        [sys.executable, str(SCRIPT), "out"],
        cwd=folder,
        env=os.environ | {"PYTHONWARNINGS": "error", "PYTHONIOENCODING": "utf-8", "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    after = os.times()
    assert done.returncode == 0, done.stderr
    return Campaign(folder / "out", done.stdout, after.children_user - before.children_user)


@pytest.fixture(scope="module")
def campaign(tmp_path_factory: pytest.TempPathFactory) -> Campaign:
    return run(tmp_path_factory.mktemp("campaign"))


def test_finds_the_planted_pair_and_it_alone(campaign: Campaign) -> None:
    assert "1 pair of classes with an unclear border" in campaign.said
    assert "billing / refund" in campaign.said
    assert re.search(r"settled 12 of \d+ disputed tickets", campaign.said)


def test_rule_passes_the_lint_and_an_outdated_draft_overwrites_nothing(campaign: Campaign) -> None:
    assert "Nothing to correct in 7 rules" in campaign.said
    assert "Not saved: version 2 was published since version 1, your base" in campaign.said
    with review.open_project(str(campaign.folder / "tickets.db")) as project:
        history = review.guideline_history(project)
        assert [v.number for v in history] == [1, 2]
        assert history[1].guideline.rule("R7").kind == "boundary"
        assert "All about invoices" not in str(history[1].guideline)


def test_the_rule_improved_its_pair_and_no_class_got_worse(campaign: Campaign) -> None:
    assert "People agree better than before." in campaign.said
    assert "the rules helped" in campaign.said
    with review.open_project(str(campaign.folder / "tickets.db")) as project:
        proof = review.prove(project, 1, 2, actor="lea")
    assert proof.verdict == "improved"
    assert proof.credit == "rules"
    assert proof.rests_on == ("held_out", "fresh")
    assert proof.target_reached
    rule = proof.rules.set_index("rule_id").loc["R7"]
    assert {rule["class_a"], rule["class_b"]} == {"billing", "refund"}
    assert (rule["verdict"], rule["credit"]) == ("improved", "rules")
    assert rule["low"] > 0
    assert proof.regressions == ()
    assert proof.new_pairs.empty
    assert rule["words"] in campaign.said


def test_adjudicated_gold_labels_name_rule_version_and_who_decided(campaign: Campaign) -> None:
    gold = campaign.gold()
    assert list(gold.columns) == list(LABELS)
    settled = gold[gold["provenance"] == "adjudicated"]
    assert len(settled) > 12
    assert settled["reason"].str.fullmatch(r"decided by lea under version 2, rule R[1-7]").all()
    assert settled["rule_id"].str.fullmatch(r"R[1-7]").all()
    assert (settled["guideline_version"] == "2").all()
    assert (gold.loc[gold["provenance"] == "unresolved", "label"] == "").all()


def test_gold_labels_are_true_where_people_settled_or_agree(campaign: Campaign) -> None:
    known = [pd.read_csv(campaign.folder / name, dtype=str) for name in ("labels.csv", "new_tickets.csv")]
    texts = pd.concat(known).drop_duplicates("item").set_index("item")["text"]
    truth = pd.read_csv(campaign.folder / "truth.csv", dtype=str).set_index("text")["true_class"]
    gold = campaign.gold().query("label != ''")
    right = gold["label"].to_numpy() == truth[texts[gold["item"]]].to_numpy()
    assert right[(gold["provenance"] == "adjudicated").to_numpy()].all()
    assert right.mean() > 0.95


def test_gold_labels_leave_held_out_items_out(campaign: Campaign) -> None:
    with review.open_project(str(campaign.folder / "tickets.db")) as project:
        asked = review.manifest_of(project, 2, actor="lea").plan.assignments
    held_out = {a.item for a in asked if a.stratum == "held_out"}
    assert len(held_out) == 400
    assert not held_out & set(campaign.gold()["item"])


def test_log_keeps_the_decisions_that_were_replaced(campaign: Campaign) -> None:
    lines = (campaign.folder / "gold" / "decisions.jsonl").read_text(encoding="utf-8").splitlines()
    log = [json.loads(line) for line in lines]
    assert sum(d["supersedes"] is not None for d in log) == 12
    assert {d["guideline_version"] for d in log} == {1, 2}


def test_no_file_of_an_annotator_names_an_item_another_person_or_an_old_label(campaign: Campaign) -> None:
    sheets = sorted((campaign.folder / "round-2").glob("*.csv"))
    assert len(sheets) == 4
    for sheet in sheets:
        content = sheet.read_text(encoding="utf-8-sig")
        assert not re.search(r"\bT-\d{4}\b", content)
        assert not [name for name in ("birch", "cedar", "larch", "maple", "lea", "max") if f",{name}," in content]
        found = pd.read_csv(sheet, dtype=str)
        assert {"assignment", "text", "label", "round", "guideline_version", "manifest"} <= set(found.columns)
        assert not {"item", "annotator", "stratum"} & set(found.columns)


def test_running_it_twice_gives_the_same_bytes(campaign: Campaign, tmp_path: Path) -> None:
    again = run(tmp_path)
    assert again.said == campaign.said
    assert again.files() == campaign.files()


def test_takes_less_than_half_a_minute(campaign: Campaign) -> None:
    assert campaign.seconds < SECONDS
