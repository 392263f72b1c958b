"""Label issues as a page of their own, and as a section of the report."""

from __future__ import annotations

import json
import re

import numpy as np
import pandas as pd
import pytest

import labelqa as lq
from labelqa.report.answers.issues import issues_shown
from labelqa.report.blocks import tables_in
from labelqa.report.sections import issues
from labelqa.report.single import single_report
from tests.unit.report.crowd import crowd


def judged(n: int = 200, wrong: int = 20, sure: float = 0.95, k: int = 3):
    """Return labels of which the first `wrong` are wrong, judged by one good model."""
    truth = np.arange(n) % k
    labels = np.where(np.arange(n) < wrong, (truth + 1) % k, truth)
    probabilities = np.where(np.arange(k) == truth[:, None], sure, (1 - sure) / (k - 1))
    names = np.array([f"class {i}" for i in range(k)], dtype=object)
    return lq.find_label_issues(pd.Series(names[labels]), pred_probs=probabilities, classes=names.tolist())


def table(found, key, **more):
    return next(t for t in tables_in(issues.section(found, **more).blocks) if t.key == key)


def test_the_headline_is_the_number_of_wrong_labels_with_its_range():
    found = judged()
    headline = issues_shown(found).headline
    low, high = issues.ends(found)
    assert headline.big == f"{round(found.expected_errors)}"
    assert headline.below == f"of 200 labels: {low} to {high}"
    assert re.fullmatch(r"About \d+ of 200 labels are probably wrong \(\d+ to \d+\)\.", headline.statement)
    assert low <= found.expected_errors <= high


@pytest.mark.parametrize("view", ["to_html", "to_text", "to_markdown"])
def test_every_view_says_that_nobody_has_checked_yet(view):
    text = " ".join(re.sub(r"<[^>]+>", " ", getattr(single_report(issues_shown(judged())), view)()).split())
    assert "That is what the given probabilities alone say: check a sample to know." in text
    assert "review" in text


def test_clean_labels_raise_no_alarm():
    found = judged(wrong=0, sure=0.995)
    shown = issues_shown(found)
    assert shown.headline.statement.startswith(("Hardly any of 200 labels is wrong (0 to", "About 1 of 200"))
    text = single_report(shown).to_text()
    assert "No label is wrong with a probability of 10% or more." in text
    assert "Look at" not in text


def test_the_worst_labels_come_with_suggestion_certainty_text_and_reason():
    found = judged()
    rows = table(found, "issues", texts=[f"text {i}" for i in range(200)]).rows
    assert len(rows) == issues.TOP
    assert (rows["text"] == "text " + rows["item"].astype(str)).all()
    assert set(rows["item"]) == set(range(20))
    assert rows["wrong"].between(0.5, issues.SURE).all()
    assert rows["evidence"].str.contains("model says|models say|model say").all()


def test_what_a_review_finds_grows_with_its_size():
    rows = table(judged(), "review").rows
    assert rows["n"].is_monotonic_increasing
    assert rows["wrong"].is_monotonic_increasing
    assert (rows["wrong"] <= rows["n"]).all()


def test_the_class_with_most_wrong_labels_comes_first_and_is_named():
    n, k = 300, 4
    truth = np.arange(n) % k
    labels = truth.copy()
    labels[1:81:4] = 0  # twenty of class 1 are called class 0
    probabilities = np.where(np.arange(k) == truth[:, None], 0.97, 0.01)
    found = lq.find_label_issues([f"c{i}" for i in labels], pred_probs=probabilities)
    rows = table(found, "issue_classes").rows
    assert rows["class"].iloc[0] == "c0"
    assert rows["expected_errors"].is_monotonic_decreasing
    assert (rows["low"] <= rows["expected_errors"]).all()
    assert (rows["expected_errors"] <= rows["high"]).all()
    assert any(step.startswith("Ask what") and "c0" in step for step in issues.next_steps(found))


def test_one_class_and_one_row_can_be_shown():
    one = lq.find_label_issues(["a"], pred_probs=[[1.0, 0.0]], classes=["a", "b"])
    assert "1 label" in single_report(issues_shown(one)).to_text()
    single = lq.find_label_issues(["a", "a"], pred_probs=[[1.0], [1.0]])
    assert single_report(issues_shown(single)).to_html()


def test_texts_and_classes_from_strangers_are_escaped():
    labels = ["<script>x</script>"] * 10 + ["b"] * 10
    probabilities = np.repeat([[0.95, 0.05], [0.05, 0.95]], 10, axis=0)[::-1]
    found = lq.find_label_issues(labels, pred_probs=probabilities, classes=["<script>x</script>", "b"])
    page = single_report(issues_shown(found, texts=["<img src=x>"] * 20)).to_html()
    assert "<script" not in page
    assert "<img" not in page


def test_the_report_has_a_section_of_label_issues_with_the_texts_of_its_items():
    data = crowd(60)
    found = lq.find_label_issues(data)
    plain = lq.build_report(data)
    report = lq.build_report(data, label_issues=found)
    assert [s.key for s in report.sections if s.key not in {p.key for p in plain.sections}] == ["issues"]
    assert "Which labels are probably wrong?" in report.to_html()
    rows = json.loads(report.to_json())["tables"]["issues"]
    assert len(rows) == len(found)


def test_texts_are_found_by_the_names_of_items():
    frame = pd.DataFrame(
        {
            "item": list("aabbcc"),
            "annotator": list("xyxyxy"),
            "label": list("ppqqpq"),
            "text": ["first text", "first text", "second text", "second text", "third text", "third text"],
        }
    )
    data = lq.read_annotations(frame)
    assert issues.texts_of(data, pd.Index(["c", "z", "a"])) == ["third text", None, "first text"]
    assert issues.texts_of(data, pd.Index(["z"])) is None
