"""Label issues as a page of their own, and as a section of the report."""

from __future__ import annotations

import json
import re

import numpy as np
import pandas as pd
import pytest

import labelqa as lq
from labelqa.report.answers.issues import issues_shown
from labelqa.report.blocks import Figure, tables_in
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


def without_skill(n: int = 60):
    """Return labels of which nothing can be said: the features have nothing to do with them."""
    rng = np.random.default_rng(0)
    labels = np.array(["a", "b", "c"])[rng.integers(0, 3, n)]
    return lq.find_label_issues(labels.tolist(), features=rng.standard_normal((n, 1)), n_repeats=1, rng=0)


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


@pytest.mark.parametrize("view", ["to_html", "to_text", "to_markdown", "to_json"])
def test_labels_that_cannot_be_judged_are_said_so_without_a_number(view):
    found = without_skill()
    assert found.undefined_because
    page = getattr(single_report(issues_shown(found)), view)()
    text = " ".join(re.sub(r"(?s)<style>.*?</style>|<[^>]+>", " ", page).split())
    assert "Which of 60 labels are wrong cannot be said." in text
    assert "do not predict the labels" in text
    assert "Judge the labels by something else" in text
    assert not re.search(r"\bnan\b|NaN|probably wrong \(", text)
    assert "more probably wrong than right" not in text


def test_of_labels_that_cannot_be_judged_none_to_all_may_be_wrong_and_no_table_ranks_them():
    found = without_skill()
    shown = issues_shown(found)
    assert issues.ends(found) == (0, 60)
    assert shown.headline.undefined_because == found.undefined_because
    assert not list(tables_in(shown.section.blocks))
    assert any("review_sample" in step for step in issues.next_steps(found))
    sections = lq.build_report(crowd(20), label_issues=found).sections
    assert any("cannot be said" in s.lead for s in sections if s.key == "issues")


@pytest.mark.parametrize(("k", "caption"), [(issues.DRAWN, ""), (issues.DRAWN + 5, "The 20 classes with most.")])
def test_the_chart_has_as_many_classes_as_its_caption_says(k, caption):
    found = judged(n=10 * k, wrong=2 * k, k=k)
    figure = next(b for b in issues.section(found).blocks if isinstance(b, Figure))
    assert figure.caption == caption
    drawn = figure.draw().to_dict()
    (rows,) = drawn["datasets"].values()
    assert len(rows) == issues.DRAWN
    first = table(found, "issue_classes").rows["expected_errors"].head(issues.DRAWN)
    assert [row["expected_errors"] for row in rows] == first.tolist()


def test_a_class_of_which_nothing_can_be_said_is_neither_drawn_nor_named():
    rng = np.random.default_rng(0)
    truth = rng.random((200, 3)) < 0.5
    given = truth.copy()
    given[:15, 0] = ~given[:15, 0]
    names = ["seen", "also", "unseen"]
    features = np.column_stack([truth[:, :2] * 6.0 + rng.standard_normal((200, 2)), rng.standard_normal(200)])
    found = lq.find_label_issues(pd.DataFrame(given, columns=names), features=features, n_repeats=1, rng=0)
    known = found.class_errors().set_index("class")["expected_errors"]
    assert known.isna().tolist() == [False, False, True]
    figure = next(b for b in issues.section(found).blocks if isinstance(b, Figure))
    (rows,) = figure.draw().to_dict()["datasets"].values()
    assert len(rows) == 2
    assert any(step.startswith("Ask what") and "seen" in step for step in issues.next_steps(found))
