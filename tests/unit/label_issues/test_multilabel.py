"""Several labels a row: each class judged by itself, one result."""

import numpy as np
import pandas as pd
import pytest

from labelqa.errors import ParameterError
from labelqa.label_issues.clean import clean_labels
from labelqa.label_issues.estimate import estimate_label_errors
from labelqa.label_issues.find import find_label_issues

NAMES = ("news", "sport", "weather")


def tagged(n=200, seed=0):
    """Return tags and probabilities (n, 3): sport is missing in row 5, weather is too much in row 9."""
    rng = np.random.default_rng(seed)
    truth = rng.random((n, 3)) < 0.4
    truth[5, 1], truth[9, 2] = True, False
    probabilities = np.clip(np.where(truth, 0.9, 0.1) + rng.normal(0, 0.03, (n, 3)), 0, 1)
    given = truth.copy()
    given[5, 1], given[9, 2] = False, True
    return given, probabilities


def as_sets(given):
    return [{NAMES[j] for j in np.flatnonzero(row)} for row in given]


@pytest.mark.parametrize(
    "make",
    [
        as_sets,
        lambda g: [sorted(s) for s in as_sets(g)],
        lambda g: pd.DataFrame(g.astype(int), columns=NAMES),
        lambda g: g,
    ],
    ids=["sets", "lists", "table", "array"],
)
def test_a_missing_and_a_needless_tag_are_found(make):
    given, probabilities = tagged()
    classes = NAMES if isinstance(make(given), np.ndarray) else None
    issues = find_label_issues(make(given), pred_probs=probabilities, classes=classes)
    worst = issues.worst(2)[["item", "given", "suggested"]].to_dict("records")
    assert sorted(worst, key=str) == [
        {"item": (5, "sport"), "given": "absent", "suggested": "present"},
        {"item": (9, "weather"), "given": "present", "suggested": "absent"},
    ]
    assert len(issues) == 600
    assert issues.class_errors()["class"].tolist() == list(NAMES)
    assert issues.class_errors()["n"].tolist() == [200, 200, 200]


@pytest.mark.usefixtures("few_trees")
def test_each_class_is_trained_on_the_features():
    rng = np.random.default_rng(1)
    points = rng.standard_normal((120, 3))
    given = points > 0.2
    given[7, 0] = ~given[7, 0]
    points[7, 0] = 3.0 if points[7, 0] > 0.2 else -3.0
    issues = find_label_issues(pd.DataFrame(given, columns=NAMES), features=points, n_repeats=1)
    assert (7, "news") in issues.worst(3)["item"].tolist()
    assert issues.neighbours[130].min() >= 120  # of the same class


@pytest.mark.usefixtures("few_trees")
def test_a_class_nobody_has_is_left_out_with_a_note():
    rng = np.random.default_rng(1)
    points = rng.standard_normal((100, 3))
    given = pd.DataFrame({"a": points[:, 0] > 0, "never": [False] * 100})
    issues = find_label_issues(given, features=points, n_repeats=1)
    assert any("nothing can be said: never" in note for note in issues.notes)
    assert np.isfinite(issues.expected_errors)


def test_verdicts_on_single_tags_are_applied():
    given, probabilities = tagged()
    issues = find_label_issues(as_sets(given), pred_probs=probabilities)
    cleaned = clean_labels(issues, {(5, "sport"): "wrong", (9, "weather"): "absent"})
    assert cleaned.counts["corrected"] == 2


def test_same_as_one_label_at_a_time():
    given, probabilities = tagged()
    whole = find_label_issues(as_sets(given), pred_probs=probabilities)
    alone = find_label_issues(
        np.where(given[:, 1], "present", "absent"),
        pred_probs=np.stack([1 - probabilities[:, 1], probabilities[:, 1]], axis=1),
    )
    assert whole.quality[200:400] == pytest.approx(alone.quality)


@pytest.mark.parametrize(
    ("labels", "passed", "words"),
    [
        (pd.DataFrame({"a": [1, 2]}), {"pred_probs": [[0.5], [0.5]]}, "holds 2 in row 1, class 'a'"),
        (pd.DataFrame({"a": [1, np.nan]}), {"pred_probs": [[0.5], [0.5]]}, "holds nan in row 1"),
        ([{"a"}, {"b"}], {"pred_probs": np.full((2, 2), 0.5), "classes": ["a"]}, "holds b, not among the classes"),
        ([{"a"}, {"b"}], {"pred_probs": np.full((2, 3), 0.5)}, "has the shape (2, 3)"),
        ([{"a"}, {"b"}], {"pred_probs": [[0.5, 1.5], [0.5, 0.5]]}, "of class 'b' are missing or outside 0 to 1"),
        (np.ones((2, 2)), {"pred_probs": np.full((2, 2), 0.5), "classes": ["a"]}, "has 2 columns, but there are 1"),
    ],
)
def test_bad_tables_get_one_clear_message(labels, passed, words):
    with pytest.raises(ParameterError) as caught:
        find_label_issues(labels, **passed)
    assert words in str(caught.value)


def test_a_sample_of_tags_may_come_back_from_a_file(tmp_path):
    given, probabilities = tagged()
    issues = find_label_issues(as_sets(given), pred_probs=probabilities)
    frame = issues.review_sample(30).to_frame()
    frame["verdict"] = np.where([item in ((5, "sport"), (9, "weather")) for item in frame["item"]], "wrong", "right")
    frame.to_csv(tmp_path / "checked.csv", index=False)
    found = estimate_label_errors(issues, pd.read_csv(tmp_path / "checked.csv"))
    assert found.judged == 30
