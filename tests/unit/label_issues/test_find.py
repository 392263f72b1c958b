"""find_label_issues: every kind of label and evidence, and what is refused."""

import json

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import GaussianNB

from labelqa.annotations.schema import LabelSchema
from labelqa.annotations.table import Annotations
from labelqa.errors import LabelError, LabelqaError, ParameterError
from labelqa.label_issues.find import find_label_issues
from tests.bench.digits_flips import flipped_digits, top
from tests.unit.label_issues.test_scoring import noisy

NAMES = np.array(["account", "billing", "other", "sport"])


def blobs(n=150, *, flips=12, seed=0):
    """Three separate clouds with some labels wrong."""
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, 3, n)
    points = rng.standard_normal((n, 4)) + 4 * np.eye(3, 4)[truth]
    wrong = rng.choice(n, flips, replace=False)
    given = truth.copy()
    given[wrong] = (truth[wrong] + 1) % 3
    return points, given, set(wrong.tolist())


def found_first(issues, wrong):
    return len(wrong & set(issues.ranking[: len(wrong)].tolist())) / len(wrong)


@pytest.mark.parametrize(
    "make",
    [lambda c: c, lambda c: NAMES[c], lambda c: NAMES[c].tolist(), lambda c: pd.Series(NAMES[c]), lambda c: c * 1.0],
)
def test_labels_may_be_numbers_texts_lists_or_series(make):
    values, codes, wrong = noisy()
    issues = find_label_issues(make(codes), pred_probs=values)
    assert wrong[issues.ranking[: wrong.sum()]].mean() > 0.75
    assert issues.schema.k == 4


def test_booleans_are_classes_of_their_own():
    values = np.array([[0.1, 0.9]] * 10 + [[0.9, 0.1]] * 10)
    issues = find_label_issues([True] * 10 + [False] * 9 + [True], pred_probs=values)
    assert issues.worst(1)[["item", "given", "suggested"]].to_dict("records") == [
        {"item": 19, "given": True, "suggested": False}
    ]


def test_errors_are_found_from_features_alone_with_evidence_in_words():
    points, given, wrong = blobs()
    issues = find_label_issues(NAMES[given], features=points, n_repeats=1)
    assert found_first(issues, wrong) >= 0.9
    assert issues.expected_errors_low < len(wrong) < issues.expected_errors_high
    assert issues.expected_precision > 0.7
    first = issues.worst(1).iloc[0]
    assert first["evidence"].startswith(f"4 of 4 models say {first['suggested']}; labels of the nearest 5:")
    assert issues.neighbours.shape == (150, 5)
    assert "trained models" in repr(issues)


def test_most_flipped_digits_are_found_whichever_way_they_look():
    for kind, least in (("uniform", 0.9), ("look-alike", 0.86)):
        features, given, truth, _, _ = flipped_digits(0, kind)
        quality = find_label_issues(given, features=features, n_repeats=1).quality
        assert (given != truth)[top(quality)].mean() >= least


@pytest.mark.usefixtures("few_trees")
def test_texts_and_mixed_columns_are_features():
    rng = np.random.default_rng(1)
    truth = rng.integers(0, 2, 120)
    words = [["ball goal team", "loan bank rate"][t].split() for t in truth]
    texts = [" ".join(rng.choice([*w, "the", "a", "on"], 8)) for w in words]
    given = truth.copy()
    given[:6] = 1 - given[:6]
    frame = pd.DataFrame({"text": texts, "n": rng.random(120), "who": rng.choice(["x", "y", None], 120)})
    frame.loc[3, "n"] = np.nan
    frame["when"] = pd.date_range("2026-01-01", periods=120)
    for features in (texts, frame):
        assert found_first(find_label_issues(given, features=features, n_repeats=1), set(range(6))) >= 0.8


@pytest.mark.usefixtures("few_trees")
def test_same_seed_same_bytes():
    points, given, _ = blobs(90)
    first, second = (find_label_issues(given, features=points, n_repeats=1, rng=3) for _ in range(2))
    assert first.quality.tobytes() == second.quality.tobytes()
    assert json.dumps(first.to_dict()) == json.dumps(second.to_dict())


def test_nothing_is_said_where_features_do_not_predict_labels():
    rng = np.random.default_rng(2)
    issues = find_label_issues(rng.integers(0, 3, 120), features=rng.random((120, 3)), n_repeats=1)
    assert not issues.flagged.any()
    assert np.isnan(issues.expected_errors)
    assert "do not predict" in issues.undefined_because
    assert "none judged" in repr(issues)
    assert issues.class_errors()["expected_errors"].isna().all()


@pytest.mark.usefixtures("few_trees")
@pytest.mark.parametrize(
    ("labels", "features"),
    [
        (["a"] * 6, np.ones((6, 2))),
        (["a", "b"], np.eye(2)),
        (["a"], np.ones((1, 2))),
        (["a", "b"] * 8, np.ones((16, 2))),
        (["a", "b", "a"], ["x", "", ""]),
        (["a"] * 30 + ["b"] * 2, np.random.default_rng(0).random((32, 2))),
    ],
    ids=["one class", "two rows", "one row", "constant features", "empty texts", "rare class"],
)
def test_tiny_and_constant_data_end_in_a_reason_not_in_an_error(labels, features):
    issues = find_label_issues(labels, features=features, n_repeats=1)
    assert len(issues) == len(labels)
    assert issues.undefined_because


@pytest.mark.usefixtures("few_trees")
def test_rows_of_a_group_do_not_vouch_for_each_other():
    """Copies of a row with one wrong label would otherwise confirm it."""
    points, given, _ = blobs(60, flips=0)
    points, given = np.repeat(points, 3, axis=0), np.repeat(given, 3)
    given[:3] = (given[:3] + 1) % 3
    group = np.repeat(np.arange(60), 3)
    alone = find_label_issues(given, features=points, groups=group, n_repeats=1)
    assert set(alone.ranking[:3].tolist()) == {0, 1, 2}
    assert find_label_issues(given, features=points, n_repeats=1).quality[:3].max() > alone.quality[:3].max()


@pytest.mark.usefixtures("few_trees")
def test_a_second_call_reads_what_the_first_kept(tmp_path):
    points, given, _ = blobs(90)
    steps = []
    how = {"features": points, "n_repeats": 1, "cache": tmp_path, "progress": lambda *step: steps.append(step)}
    first = find_label_issues(given, **how)
    trained = len(steps)
    second = find_label_issues(given, **how)
    assert trained == 8
    assert steps[-1][:2] == (8, 8)
    assert len(steps) == trained
    assert first.quality.tobytes() == second.quality.tobytes()
    other = given.copy()
    other[0] = (other[0] + 1) % 3
    find_label_issues(other, **how)
    assert len(steps) == 2 * trained


def test_own_models_are_trained_instead():
    points, given, wrong = blobs()
    issues = find_label_issues(given, features=points, model=[LogisticRegression(), GaussianNB()], n_repeats=1)
    assert found_first(issues, wrong) >= 0.8
    assert issues.models == ("1. LogisticRegression", "2. GaussianNB")


def test_several_given_models_are_heard_together():
    one, codes, wrong = noisy(seed=1)
    other = noisy(seed=1, sure=2.0)[0]
    issues = find_label_issues(codes, pred_probs=[one, other])
    assert wrong[issues.ranking[: wrong.sum()]].mean() > 0.75
    assert "of 2 models say" in issues.evidence(int(issues.ranking[0]))


def test_probabilities_with_names_are_brought_to_the_labels():
    labels = pd.Series(["a", "b"], index=["r1", "r2"])
    swapped = pd.DataFrame([[0.8, 0.2], [0.1, 0.9]], index=["r2", "r1"], columns=["b", "a"])
    assert not find_label_issues(labels, pred_probs=swapped).flagged.any()


def test_whole_number_labels_are_columns_even_where_a_class_never_occurs():
    values = np.array([[0.9, 0.05, 0.05], [0.05, 0.05, 0.9]])
    assert find_label_issues([0, 2], pred_probs=values).schema.classes == (0, 1, 2)


def crowd():
    wide = {"x": list("aabbabab"), "y": list("aabbbbab"), "z": list("abbaabab")}
    return Annotations.from_wide(pd.DataFrame(wide))


def test_the_consensus_of_annotators_is_judged():
    issues = find_label_issues(crowd())
    assert len(issues) == 8
    assert issues.worst(1)["evidence"].str.contains("annotators say").all()


def test_annotators_are_witnesses_on_given_labels():
    issues = find_label_issues(list("aabbaaab"), annotations=crowd())
    assert issues.worst(1)[["item", "given", "suggested"]].to_dict("records") == [
        {"item": 5, "given": "a", "suggested": "b"}
    ]
    assert "3 of 3 annotators say b" in issues.evidence(5)


def test_models_and_annotators_speak_together():
    values = np.array([[0.9, 0.1] if c == "a" else [0.1, 0.9] for c in "aabbbbab"])
    issues = find_label_issues(list("aabbaaab"), annotations=crowd(), pred_probs=values)
    assert "the annotators" in issues.source
    assert issues.flagged[5]


def test_items_nobody_labeled_are_judged_by_models_alone_and_counted():
    values = np.array([[0.9, 0.1]] * 9)
    wide = pd.DataFrame({"who": [f"r{i}" for i in range(8)], "x": list("aabbabab"), "y": list("aabbbbab")})
    data = Annotations.from_wide(wide, item="who")
    labels = pd.Series(["a"] * 9, index=[f"r{i}" for i in range(9)])
    issues = find_label_issues(labels, annotations=data, pred_probs=values, classes=["a", "b"])
    assert any("1 label no annotator speaks of" in note for note in issues.notes)
    silent = find_label_issues(labels, annotations=data, classes=["a", "b"])
    assert silent.quality[8] == 0.5
    assert not silent.flagged[8]
    assert silent.expected_errors == pytest.approx((1 - silent.quality[:8]).sum())


def test_far_errors_of_ordered_classes_are_worse():
    schema = LabelSchema(classes=(1, 2, 3, 4, 5), level="ordinal")
    values = np.array([[0.9, 0.1, 0, 0, 0]] * 8 + [[0, 0.8, 0.2, 0, 0], [0, 0, 0, 0.2, 0.8]])
    issues = find_label_issues([1] * 10, pred_probs=values, classes=schema)
    assert issues.ranking[:2].tolist() == [9, 8]


def test_every_row_of_the_table_is_there_in_the_order_given():
    values, codes, _ = noisy(60)
    frame = find_label_issues(pd.Series(NAMES[codes], index=[f"r{i}" for i in range(60)]), pred_probs=values).to_frame()
    assert frame["item"].tolist() == [f"r{i}" for i in range(60)]
    assert sorted(frame["rank"]) == list(range(1, 61))
    assert frame.columns.tolist() == ["item", "given", "suggested", "quality", "rank", "flagged", "evidence"]


HALF = np.full((3, 2), 0.5)


@pytest.mark.parametrize(
    ("labels", "passed", "words"),
    [
        (["a", None, "b"], {"pred_probs": HALF}, "no label in 1 row: 1"),
        ([], {"pred_probs": HALF}, "labels is empty"),
        ("abc", {"pred_probs": HALF}, "labels is a str"),
        (np.ones((3, 2, 2)), {"pred_probs": HALF}, "has the shape"),
        (["a", "b"], {"pred_probs": HALF}, "has the shape (3, 2)"),
        (["a", "b", "a"], {}, "nothing to judge the labels by"),
        (["a", "b", "a"], {"features": np.ones((2, 2))}, "features has 2 rows"),
        (["a", "b", "a"], {"features": [[1, 2], [1, np.nan], [2, 2]]}, "in rows 1"),
        (["a", "b", "a"], {"features": HALF, "model": "xgb"}, "model='xgb'"),
        (["a", "b", "a"], {"features": HALF, "model": object()}, "cannot fit"),
        (["a", "b", "a"], {"features": HALF, "groups": [1, 2, None]}, "groups is missing"),
        (["a", "b", "a"], {"features": HALF, "n_repeats": 0}, "n_repeats=0"),
        (["a", "b", "a"], {"pred_probs": HALF, "rng": "x"}, "rng='x'"),
        (["a", "b", "a"], {"pred_probs": HALF * 1.5}, "does not sum to one"),
        (["a", "b", "c"], {"pred_probs": HALF, "classes": ["a", "b"]}, "not among the classes"),
        (["a", "b", "a"], {"annotations": "x"}, "annotations"),
        (crowd(), {"annotations": crowd()}, "both Annotations"),
        (["q"] * 8, {"annotations": crowd()}, "classes that the labels do not have: a, b"),
    ],
)
def test_bad_input_gets_one_clear_message(labels, passed, words):
    with pytest.raises(LabelqaError) as caught:
        find_label_issues(labels, **passed)
    assert words in str(caught.value)
    assert isinstance(caught.value, ParameterError | LabelError)


@pytest.mark.usefixtures("few_trees")
def test_rows_with_names_of_their_own_are_never_matched_by_place():
    labels = pd.Series(["a", "b", "a"], index=[5, 6, 7])
    with pytest.raises(ParameterError, match="no row of its own for 3 labels"):
        find_label_issues(labels, features=pd.DataFrame({"x": [1, 2, 3]}, index=[1, 2, 3]))
    turned = pd.DataFrame({"x": [3.0, 2.0, 1.0]}, index=[7, 6, 5])
    assert len(find_label_issues(labels, features=turned, n_repeats=1)) == 3


def test_a_row_that_is_not_there_is_refused():
    with pytest.raises(ParameterError, match="row=3 is not one of 3 rows"):
        find_label_issues(["a", "b", "a"], pred_probs=HALF).evidence(3)


def test_names_from_data_are_escaped_in_notebooks():
    values = np.array([[0.1, 0.9], [0.1, 0.9], [0.2, 0.8]])
    page = find_label_issues(["<script>", "=1+1", "<script>"], pred_probs=values)._repr_html_()
    assert "<script>" not in page


def overlapping(n=400, seed=0):
    """Three clouds on top of each other: hard, but no label is wrong."""
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, 3, n)
    return rng.standard_normal((n, 2)) + 1.2 * np.array([[0, 0], [1, 1.5], [2, 0]])[truth], truth


def test_classes_that_overlap_raise_no_flood_of_alarms():
    points, labels = overlapping()
    issues = find_label_issues(labels, features=points, n_repeats=1)
    assert issues.expected_errors_low == 0
    assert issues.flagged.mean() < 0.05


def test_clean_sets_raise_no_alarm():
    from tests.bench.digits_flips import clean_sets

    for _, features, labels in list(clean_sets())[:2]:
        issues = find_label_issues(labels, features=features, n_repeats=1)
        assert issues.expected_errors_low == 0 or issues.expected_errors <= 0.01 * labels.size
        assert issues.class_errors()["high"].max() <= issues.expected_errors_high


def test_the_top_of_the_ranking_hardly_depends_on_the_seed():
    features, given, _, _, _ = flipped_digits(1, "uniform")
    first, second = (set(top(find_label_issues(given, features=features, rng=s).quality)) for s in (1, 2))
    assert len(first & second) / len(first | second) >= 0.9


@pytest.mark.usefixtures("few_trees")
def test_useless_features_do_not_water_down_given_probabilities():
    values, codes, _ = noisy(200)
    noise = np.random.default_rng(9).random((200, 2))
    alone = find_label_issues(codes, pred_probs=values)
    both = find_label_issues(codes, pred_probs=values, features=noise, n_repeats=1)
    assert both.quality == pytest.approx(alone.quality)
    assert any("do not predict" in note for note in both.notes)


def test_many_weak_models_are_still_heard():
    points, given, wrong = blobs(120)
    issues = find_label_issues(given, features=points, model=[GaussianNB() for _ in range(21)], n_repeats=1)
    assert len(issues.models) == 21
    assert found_first(issues, wrong) >= 0.8


@pytest.mark.usefixtures("few_trees")
def test_exchanged_columns_and_copies_are_pointed_out():
    values, codes, _ = noisy(200, k=2)
    issues = find_label_issues(codes, pred_probs=values[:, ::-1])
    assert any("worse than chance" in note for note in issues.notes)
    points, given, _ = blobs(60)
    twins = find_label_issues(np.repeat(given, 2), features=np.repeat(points, 2, axis=0), n_repeats=1)
    assert any("120 rows of 120 look exactly like another" in note for note in twins.notes)


@pytest.mark.usefixtures("few_trees")
def test_features_with_the_names_of_the_labels_are_brought_to_their_order():
    points, given, wrong = blobs()
    labels = pd.Series(given)
    mixed = pd.DataFrame(points).sample(frac=1, random_state=0)
    assert found_first(find_label_issues(labels, features=mixed, n_repeats=1), wrong) >= 0.9


@pytest.mark.usefixtures("few_trees")
def test_sparse_features_and_generators_are_accepted():
    from scipy.sparse import csr_array

    points, given, wrong = blobs()
    issues = find_label_issues(given, features=csr_array(points), n_repeats=1, rng=np.random.default_rng(0))
    assert found_first(issues, wrong) >= 0.7


def test_a_broken_cache_is_made_anew_and_other_parameters_are_another_model(tmp_path):
    points, given, _ = blobs(60)
    how = {"features": points, "n_repeats": 1, "cache": tmp_path}
    first = find_label_issues(given, model=LogisticRegression(C=1.0), **how)
    for kept in tmp_path.glob("*.npz"):
        kept.write_bytes(b"broken")
    assert find_label_issues(given, model=LogisticRegression(C=1.0), **how).quality.tobytes() == first.quality.tobytes()
    find_label_issues(given, model=LogisticRegression(C=0.1), **how)
    assert len(list(tmp_path.glob("*.npz"))) == 2


def test_an_own_label_moves_its_own_prediction_only_by_way_of_others():
    """Under another label of an isolated row its own probabilities hardly change."""
    points, given, _ = blobs(60, flips=0)
    points[0] = 40.0
    other = given.copy()
    other[0] = (given[0] + 1) % 3
    groups = np.arange(60)
    said = [find_label_issues(y, features=points, n_repeats=1, groups=groups).probabilities[0] for y in (given, other)]
    assert said[0][other[0]] == pytest.approx(said[1][other[0]], abs=0.1)
