"""Corrected labels: nothing changes without a verdict, and each row says why it is what it is."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from labelqa.errors import ParameterError
from labelqa.label_issues.clean import clean_labels
from tests.unit.label_issues.judged import issues_of

QUALITY = [0.1, 0.2, 0.9, 0.95, 0.3]


def test_without_verdicts_every_label_stays():
    cleaned = clean_labels(issues_of(QUALITY), {})
    assert cleaned.labels.tolist() == ["a"] * 5
    assert cleaned.counts["kept unreviewed"] == 5


def test_a_named_class_is_taken_and_the_others_stay():
    cleaned = clean_labels(issues_of(QUALITY), {0: "c"})
    assert cleaned.labels.tolist() == ["c", "a", "a", "a", "a"]
    row = cleaned.to_frame().iloc[0]
    assert (row["old"], row["new"], row["action"], row["why"]) == ("a", "c", "corrected", "verdict names the class")


def test_naming_the_given_class_confirms_it():
    cleaned = clean_labels(issues_of(QUALITY), {0: "a", 1: "right", 2: False})
    assert cleaned.action[:3].tolist() == ["confirmed"] * 3
    assert cleaned.labels.tolist() == ["a"] * 5


def test_wrong_without_a_class_takes_the_suggestion_and_says_so():
    cleaned = clean_labels(issues_of(QUALITY), {0: "wrong", 1: True})
    assert cleaned.labels.tolist() == ["b", "b", "a", "a", "a"]
    assert "suggested by a model" in cleaned.why[0]
    assert "no reviewer named one" in repr(cleaned)


def test_wrong_where_nothing_else_is_suggested_stays_and_is_told():
    cleaned = clean_labels(issues_of(QUALITY), {2: "wrong"})
    assert cleaned.labels.tolist() == ["a"] * 5
    assert cleaned.action[2] == "kept in doubt"
    assert cleaned.why[2] == "verdict: wrong, new class unknown"
    assert "new class is unknown" in repr(cleaned)


def test_unsure_rows_are_dropped_only_on_request():
    kept = clean_labels(issues_of(QUALITY), {4: "unsure"})
    assert len(kept.labels) == 5
    dropped = clean_labels(issues_of(QUALITY), {4: "unsure"}, drop_unsure=True)
    assert dropped.labels.index.tolist() == [0, 1, 2, 3]
    assert dropped.to_frame()["new"].iloc[4] is None
    assert dropped.kept.tolist() == [True] * 4 + [False]


def test_reviewers_are_kept_as_provenance():
    verdicts = pd.DataFrame({"item": [0, 2], "verdict": ["b", "right"], "reviewer": ["Ann", None]})
    cleaned = clean_labels(issues_of(QUALITY), verdicts)
    assert cleaned.to_frame()["reviewer"].tolist() == ["Ann", None, None, None, None]


def test_whole_number_classes_stay_whole_numbers():
    issues = issues_of(QUALITY, classes=(0, 1, 2))
    verdicts = pd.DataFrame({"item": [0, 1], "verdict": [2.0, np.nan]})
    cleaned = clean_labels(issues, verdicts)
    assert cleaned.labels.tolist() == [2, 0, 0, 0, 0]
    assert cleaned.labels.dtype.kind == "i"


def test_true_is_no_class_one():
    cleaned = clean_labels(issues_of(QUALITY, classes=(0, 1, 2), suggested=[2] * 5), {0: True, 1: 1, 2: False})
    assert cleaned.labels.tolist() == [2, 1, 0, 0, 0]


def test_issues_are_left_as_they_were():
    issues = issues_of(QUALITY)
    clean_labels(issues, {0: "c"})
    assert issues.given.tolist() == [0] * 5


def test_verdict_words_are_read_in_any_case():
    cleaned = clean_labels(issues_of(QUALITY), {0: " Wrong", 1: "RIGHT", 2: "Unsure", 3: "  ", 4: None})
    assert cleaned.counts == {
        "kept unreviewed": 2,
        "confirmed": 1,
        "corrected": 1,
        "dropped": 0,
        "kept in doubt": 1,
    }


@pytest.mark.parametrize(
    ("verdicts", "says"),
    [
        ({9: "wrong"}, "no label has"),
        ({0: "wrng"}, "did you mean 'wrong'"),
        (pd.Series(["right", "wrong"], index=[1, 1]), "more than once"),
        (["right"], "not a mapping"),
        (pd.DataFrame({"item": [1]}), "no column verdict"),
        ({0: 7}, "holds 7"),
    ],
)
def test_verdicts_that_cannot_be_read_are_one_clear_error(verdicts, says):
    with pytest.raises(ParameterError, match=says):
        clean_labels(issues_of(QUALITY), verdicts)


def test_all_problems_are_told_at_once():
    with pytest.raises(ParameterError) as caught:
        clean_labels(issues_of(QUALITY), {9: "right", 0: "wrng"})
    assert len(caught.value.problems) == 2


@pytest.mark.parametrize(
    ("classes", "verdict"), [(("left", "right"), "right"), ((True, False), True), (("wrong", "ok"), "wrong")]
)
def test_a_verdict_that_is_also_a_class_is_refused(classes, verdict):
    with pytest.raises(ParameterError, match="a verdict and a class at once"):
        clean_labels(issues_of(QUALITY, classes=classes), {0: verdict})


def test_classes_named_like_verdicts_are_judged_by_the_other_words():
    cleaned = clean_labels(issues_of(QUALITY, classes=("left", "right")), {0: True, 2: False})
    assert cleaned.labels.tolist() == ["right", "left", "left", "left", "left"]
    cleaned = clean_labels(issues_of(QUALITY, classes=(True, False)), {0: "wrong", 2: "right"})
    assert cleaned.labels.tolist() == [False, True, True, True, True]


def test_drop_unsure_must_be_yes_or_no():
    with pytest.raises(ParameterError, match="drop_unsure"):
        clean_labels(issues_of(QUALITY), {}, drop_unsure="yes")


def test_cleaned_labels_go_to_json():
    told = json.loads(json.dumps(clean_labels(issues_of(QUALITY), {0: "c"}).to_dict()))
    assert told["codes"] == [2, 0, 0, 0, 0]
