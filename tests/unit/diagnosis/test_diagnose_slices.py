"""diagnose_slices: parts, remedies, evidence, what is said where something is missing, and bad input."""

from __future__ import annotations

import json
import re

import numpy as np
import pandas as pd
import pytest

from labelqa.annotations.table import Annotations
from labelqa.diagnosis.slice_curves import fitted_drop
from labelqa.diagnosis.slice_decisions import (
    LEAST_AUDITED,
    NO_LABELS,
    NO_MODEL,
    REMEDIES,
    Decision,
    decide,
    more_needed,
)
from labelqa.diagnosis.slice_parts import PARTS, Parts, Split, lower_floor
from labelqa.diagnosis.slice_remedies import diagnose_slices
from labelqa.diagnosis.slice_rows import item_of_row, slice_rows
from labelqa.diagnosis.slice_votes import MADE_FROM, expected_floors, votes_of
from labelqa.diagnosis.slice_words import reason_of
from labelqa.errors import ParameterError, RoundsError
from labelqa.slices.find import find_slices
from tests.unit.diagnosis.slice_cases import PURE, RIGHT, planted

N = 400
CHAT = np.arange(N) < 150
MANY_CHAT = np.tile(CHAT, 4)


def stored_noise(share=0.3):
    """Return labels of which a share is wrong in chat, right predictions, and two people who know the truth."""
    rng = np.random.default_rng(0)
    true = np.where(np.arange(N) % 2, "spam", "ham")
    other = np.where(true == "spam", "ham", "spam")
    stored = np.where(CHAT & (rng.random(N) < share), other, true)
    return stored, true, Annotations.from_wide(pd.DataFrame({"ann": true, "ben": true}))


def unclear(seed=0, people=2):
    """Return labels, predictions and annotators of data where chat is ham or spam by chance; news is always clear."""
    rng = np.random.default_rng(seed)
    n = MANY_CHAT.size
    true = np.array(["ham", "spam", "news"])[np.arange(n) % 3]
    either = MANY_CHAT & (true != "news") & (rng.random(n) < 0.9)

    def drawn():
        return np.where(either, rng.choice(["ham", "spam"], n), true)

    said = pd.DataFrame({f"p{j}": drawn() for j in range(people)})
    return drawn(), true, Annotations.from_wide(said)


@pytest.mark.parametrize("case", PURE)
@pytest.mark.parametrize("seed", [0, 2])
def test_the_planted_cause_decides(case, seed):
    row = planted(case, seed).diagnose(rng=seed).frame.iloc[0]
    assert row["remedy"] == RIGHT[case]
    if case != "few":
        assert row["part"] == case
        assert row[case] > 0.5 * row["excess"]
        assert row["missing"] == ""


def test_parts_lie_within_their_intervals_and_below_the_excess():
    row = planted("noise", 2).diagnose().frame.iloc[0]
    for part in PARTS:
        assert 0 <= row[f"{part}_low"] <= row[part] <= row[f"{part}_high"]
        assert row[part] <= row["excess"]
    assert row["excess"] == pytest.approx(row["error"] - row["rest_error"])


def test_predictions_alone_say_what_to_provide_and_how_many_to_audit():
    stored, predicted, _ = stored_noise()
    row = diagnose_slices({"chat": CHAT}, stored, predicted).frame.iloc[0]
    assert row["remedy"] == "audit_more"
    assert row["n_more"] > 10
    assert row["missing"] == f"{NO_LABELS}; {NO_MODEL}"
    assert np.isnan(row["definition"])
    assert np.isnan(row["noise"])
    assert np.isnan(row["data"])
    assert row["rest"] == pytest.approx(row["excess"])


def test_without_a_model_a_known_part_can_still_decide():
    stored, predicted, annotations = stored_noise()
    row = diagnose_slices({"chat": CHAT}, stored, predicted, annotations=annotations).frame.iloc[0]
    assert row["remedy"] == "relabel"
    assert row["n_more"] == row["size"] == 150
    assert row["missing"] == NO_MODEL


def test_without_a_model_the_rest_asks_for_one():
    stored, _, annotations = stored_noise(share=0.0)
    predicted = np.where(CHAT & (np.arange(N) % 3 == 0), "news", stored)
    row = diagnose_slices({"chat": CHAT}, stored, predicted, annotations=annotations).frame.iloc[0]
    assert (row["remedy"], row["part"], row["n_more"]) == ("audit_more", "rest", 0)
    assert row["reason"].endswith("What is known does not explain it: a model to refit would tell more.")


def test_without_annotators_too_little_data_is_still_found():
    row = planted("data", 0).diagnose(annotations=None).frame.iloc[0]
    assert row["remedy"] in {"collect", "audit_more"}
    assert np.isnan(row["noise"])
    assert row["data"] > 0.5 * row["excess"]


def test_an_unclear_definition_names_the_pair():
    stored, predicted, annotations = unclear()
    found = diagnose_slices({"chat": MANY_CHAT}, stored, predicted, annotations=annotations)
    row = found.frame.iloc[0]
    assert row["remedy"] == "clarify"
    assert {row["class_a"], row["class_b"]} == {"ham", "spam"}
    assert "ham" in row["reason"]
    assert row["definition_low"] < row["definition"] <= row["definition_high"]
    assert found.evidence(0, 5)["split"].eq(1).all()


def test_five_labels_an_item_use_vote_shares():
    stored, predicted, annotations = unclear(people=7)
    row = diagnose_slices({"chat": MANY_CHAT}, stored, predicted, annotations=annotations).frame.iloc[0]
    assert row["remedy"] == "clarify"
    assert 0.2 < row["definition"] <= 0.36


def test_a_slice_like_the_rest_needs_nothing_or_more_rows():
    stored, predicted, _ = stored_noise()
    rows = diagnose_slices({"mail": ~CHAT, "odd": np.arange(N) % 2 == 1}, stored, predicted).frame
    assert rows["remedy"].tolist() == ["none", "audit_more"]
    assert rows["gain"][0] == rows["priority"][0] == 0
    assert rows["n_more"][1] > 0
    assert set(rows["remedy"]) <= set(REMEDIES)


@pytest.mark.parametrize("mask", [np.ones(N, dtype=bool), np.zeros(N, dtype=bool)])
def test_no_rows_to_compare_is_said(mask):
    stored, predicted, annotations = stored_noise()
    row = diagnose_slices({"all": mask}, stored, predicted, annotations=annotations).frame.iloc[0]
    assert row["remedy"] == "audit_more"
    assert np.isnan(row["excess"])
    assert "no rows" in row["reason"]


def test_slices_that_were_found_are_taken_and_ranked():
    stored, predicted, annotations = stored_noise(0.5)
    frame = pd.DataFrame({"channel": np.where(CHAT, "chat", "mail"), "odd": np.arange(N) % 7 == 0})
    slices = find_slices(frame, (stored != predicted).astype(int))
    found = diagnose_slices(slices, stored, predicted, annotations=annotations)
    assert found.frame["slice"].tolist() == slices.frame["predicates"].tolist()
    assert found.frame["remedy"][0] == "relabel"
    assert found.ranked()["priority"].is_monotonic_decreasing
    row = found.frame.iloc[0]
    assert row["priority"] == pytest.approx(row["gain"] * row["share"] / row["cost"])


def test_costs_change_the_priority():
    stored, predicted, annotations = stored_noise()
    usual, dear = (
        diagnose_slices({"chat": CHAT}, stored, predicted, annotations=annotations, costs=c).frame.iloc[0]
        for c in (None, {"relabel": 10})
    )
    assert dear["cost"] == 10 * usual["cost"] == 1500


def test_evidence_of_wrong_labels_comes_first():
    stored, predicted, annotations = stored_noise()
    told = diagnose_slices({"chat": CHAT}, stored, predicted, annotations=annotations).evidence(0, 10)
    assert len(told) == 10
    assert (told["differs"] == 1).all()
    assert (told["label"] != told["prediction"]).all()
    assert told["votes"].str.fullmatch("(ham|spam) 2").all()


def test_items_match_by_name_in_any_order():
    stored, predicted, _ = stored_noise()
    names = [f"item {i}" for i in range(N)]
    wide = pd.DataFrame({"item": names, "ann": predicted, "ben": predicted}).sample(frac=0.8, random_state=0)
    annotations = Annotations.from_wide(wide, item="item")
    by_name = diagnose_slices({"chat": CHAT}, pd.Series(stored, index=names), predicted, annotations=annotations)
    row = by_name.frame.iloc[0]
    assert row["remedy"] == "relabel"
    assert row["n_audited"] == sum(int(n.split()[1]) < 150 for n in wide["item"])
    assert by_name.evidence(0)["row"].isin(names).all()


def test_number_labels_match_text_classes():
    stored, predicted, _ = stored_noise()
    number = {"ham": 0, "spam": 1}
    said = pd.DataFrame({"ann": [str(number[p]) for p in predicted], "ben": [str(number[p]) for p in predicted]})
    codes = ([number[v] for v in values] for values in (stored, predicted))
    row = diagnose_slices({"chat": CHAT}, *codes, annotations=Annotations.from_wide(said)).frame.iloc[0]
    assert row["remedy"] == "relabel"


def test_an_annotator_who_is_the_source_of_the_labels_is_left_out():
    stored, predicted, _ = stored_noise()
    said = pd.DataFrame({"source": stored, "ann": predicted, "ben": predicted})
    row = diagnose_slices({"chat": CHAT}, stored, predicted, annotations=Annotations.from_wide(said)).frame.iloc[0]
    assert row["remedy"] == "relabel"
    assert row["definition"] == 0


def test_labels_made_from_the_annotations_are_noticed():
    stored, predicted, _ = unclear()
    said = pd.DataFrame({"a": stored, "b": unclear(1)[0]})
    found = diagnose_slices({"chat": MANY_CHAT}, stored, predicted, annotations=Annotations.from_wide(said))
    assert found.notes == (MADE_FROM,)
    assert MADE_FROM in found.frame["missing"][0]


def test_missing_labels_and_predictions_are_left_out():
    stored, predicted, annotations = stored_noise()
    stored, predicted = stored.astype(object), predicted.astype(object)
    stored[:5], predicted[5:9] = None, np.nan
    found = diagnose_slices({"chat": CHAT}, stored, predicted, annotations=annotations)
    assert found.n_rows == N - 9
    assert found.frame["size"][0] == 150 - 9


def test_rows_of_a_group_widen_the_interval():
    stored, predicted, _ = stored_noise()
    twice = {"slices": {"chat": np.repeat(CHAT, 8)}, "labels": np.repeat(stored, 8)}
    alone = diagnose_slices(**twice, predictions=np.repeat(predicted, 8)).frame.iloc[0]
    told = diagnose_slices(**twice, predictions=np.repeat(predicted, 8), groups=np.repeat(np.arange(N), 8))
    row = told.frame.iloc[0]
    assert row["excess_high"] - row["excess_low"] > 2 * (alone["excess_high"] - alone["excess_low"])


def test_groups_stay_in_one_fold_and_frames_are_features():
    from sklearn.linear_model import LogisticRegression

    case = planted("rest", 0)
    features = pd.DataFrame(case.features).add_prefix("x")
    options = {"features": features, "model": LogisticRegression(), "groups": np.arange(2000) // 2, "n_bootstrap": 60}
    assert case.diagnose(**options).frame["remedy"][0] in {"improve_model", "audit_more"}


def test_the_result_reads_well_and_is_repeatable():
    stored, predicted, annotations = stored_noise()
    one, two = (
        diagnose_slices({"chat": CHAT}, stored, predicted, annotations=annotations, rng=np.random.default_rng(3))
        for _ in range(2)
    )
    pd.testing.assert_frame_equal(one.frame, two.frame)
    assert 3 <= len(repr(one).splitlines()) <= 6
    assert "relabel (150 items)" in repr(one)
    assert json.loads(json.dumps(one.to_dict()))["frame"][0]["remedy"] == "relabel"
    assert "chat" in one._repr_html_()
    assert "chat: noise" in json.dumps(one.plot().to_dict())


def test_no_slices_are_no_error():
    stored, predicted, _ = stored_noise()
    found = diagnose_slices({}, stored, predicted)
    assert len(found) == 0
    assert "No slices" in repr(found)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"predictions": ["ham"]}, "predictions has 1 values for 400 labels"),
        ({"slices": {"chat": CHAT[:5]}}, r"slices\['chat'\] has 5 values"),
        ({"slices": {"chat": CHAT.astype(int)}}, "holds int64"),
        ({"slices": [CHAT]}, "not a SliceTable or a mapping"),
        ({"features": np.zeros((N, 2))}, "go together"),
        ({"features": np.zeros((5, 2)), "model": "tree"}, "no fit and predict"),
        ({"costs": {"pray": 1}}, "costs names 'pray'"),
        ({"costs": {"relabel": 0}}, "is not a cost"),
        ({"n_bootstrap": 3}, "too few resamples"),
        ({"confidence": 95}, "is not a share"),
        ({"annotations": "labels.csv"}, "not Annotations"),
        ({"groups": [1]}, "groups has 1 values"),
        ({"predictions": [None] * N}, "no row has both"),
        ({"rng": "x"}, "is not a seed"),
    ],
)
def test_bad_input_is_refused_with_the_reason(change, said):
    stored, predicted, _ = stored_noise()
    given = {"slices": {"chat": CHAT}, "labels": stored, "predictions": predicted} | change
    with pytest.raises(ParameterError, match=said):
        diagnose_slices(given.pop("slices"), given.pop("labels"), given.pop("predictions"), **given)


def test_features_of_another_length_are_refused():
    from sklearn.linear_model import LogisticRegression

    stored, predicted, _ = stored_noise()
    with pytest.raises(ParameterError, match="shape"):
        diagnose_slices({"c": CHAT}, stored, predicted, features=np.zeros((5, 2)), model=LogisticRegression())


def test_strange_items_and_several_rounds_are_refused():
    stored, predicted, annotations = stored_noise()
    wide = pd.DataFrame({"item": ["a", "b"], "ann": ["ham", "spam"], "ben": ["ham", "ham"]})
    with pytest.raises(ParameterError, match="none of the 2 annotated items"):
        diagnose_slices({"c": CHAT}, stored, predicted, annotations=Annotations.from_wide(wide, item="item"))
    long = annotations.to_frame()
    both = pd.concat([long.assign(round=1), long.assign(round=2)])
    rounds = Annotations.from_frame(both, item="item", annotator="annotator", label="label", round="round")
    with pytest.raises(RoundsError):
        diagnose_slices({"c": CHAT}, stored, predicted, annotations=rounds)


@pytest.mark.parametrize("i", [1, -1, "chat"])
def test_there_is_no_such_slice(i):
    stored, predicted, _ = stored_noise()
    found = diagnose_slices({"chat": CHAT}, stored, predicted)
    with pytest.raises(ParameterError, match="there is no slice"):
        found.evidence(i)
    with pytest.raises(ParameterError, match="not a number of rows"):
        found.evidence(0, -1)


@pytest.mark.parametrize("k", [2, 3, 10])
def test_the_lower_floor_holds_for_any_distribution(k):
    rng = np.random.default_rng(k)
    p = rng.dirichlet(np.full(k, 0.5), size=2000)
    d, floor = 1 - (p**2).sum(axis=1), 1 - p.max(axis=1)
    assert (lower_floor(d, k) <= floor + 1e-9).all()
    assert (floor <= d + 1e-9).all()
    assert lower_floor(np.array([d.mean()]), k)[0] <= floor.mean()


@pytest.mark.parametrize(("share", "p"), [(0.5, 0.5), (0.3, 0.7), (1.0, 0.85)])
@pytest.mark.parametrize("r", [5, 7])
def test_floors_from_many_votes_are_nearer_the_truth_than_vote_shares(share, p, r):
    rng = np.random.default_rng(1)
    first = rng.binomial(r, np.where(rng.random(5000) < share, p, 1.0))
    counts = np.column_stack([first, r - first])
    truth, plain = share * (1 - p), (1 - counts.max(axis=1) / r).mean()
    got = expected_floors(counts).mean()
    assert abs(got - truth) < max(0.03, 0.6 * abs(plain - truth))


def test_a_flat_or_rising_curve_leaves_nothing_to_collect():
    assert fitted_drop(np.array([[0.2, 0.2, 0.2], [0.1, 0.2, 0.3]])).amount.round(9).tolist() == [0, 0]
    assert float(fitted_drop(np.array([0.4, 0.28, 0.2])).amount) > 0.15


def test_more_rows_are_needed_for_smaller_gaps():
    assert more_needed(0.05, 0.05, 100, 0.2, 0.95) > more_needed(0.1, 0.05, 100, 0.2, 0.95) > 0


def test_a_handful_of_audited_rows_decides_nothing():
    stored, predicted, _ = stored_noise()
    said = pd.DataFrame({"item": np.arange(140, N), "ann": predicted[140:], "ben": predicted[140:]})
    annotations = Annotations.from_wide(said, item="item")
    row = diagnose_slices({"chat": CHAT}, stored, predicted, annotations=annotations).frame.iloc[0]
    assert (row["remedy"], row["n_audited"], row["n_more"]) == ("audit_more", 10, LEAST_AUDITED - 10)


@pytest.mark.parametrize(
    ("because", "said"), [("overlap", "labeled by two people"), ("overlap_rows", "add 30 new rows")]
)
def test_what_to_audit_depends_on_what_overlaps(because, said):
    decision = Decision(
        remedy="audit_more", part="data", sureness=0.7, n_more=30, gain=0.1, because=because, missing=()
    )
    assert said in reason_of(decision, 0.3, 0.1, None)


def split_of(raw, spread, size, b=400):
    """Return the split of one slice whose parts are `raw`, and in resamples spread about it."""
    rng = np.random.default_rng(0)

    def parts(values):
        error = np.full(values.shape[:-1], 0.5)
        ends = {"definition_low": values[..., 0], "definition_high": values[..., 0], "exponent": 0 * error + 0.5}
        return Parts(error=error, rest_error=0 * error + 0.1, raw=values, **ends)

    drawn = np.maximum(raw + rng.normal(size=(b, 1, 4)) * spread, 0)
    rows = np.array([size])
    return Split(seen=parts(np.array([raw])), drawn=parts(drawn), size=rows, audited=rows, rest_audited=rows)


def test_equal_causes_that_no_audit_can_tell_apart_start_with_the_definition():
    found = decide(split_of([0.19, 0.2, 0.0, 0.01], 0.03, 50), 0, 0.95)
    assert (found.remedy, found.part, found.because) == ("clarify", "definition", "order")
    assert "comes first" in reason_of(found, 0.5, 0.1, None)


def test_causes_that_an_audit_can_tell_apart_are_audited():
    found = decide(split_of([0.14, 0.2, 0.0, 0.06], 0.06, 200), 0, 0.95)
    assert (found.remedy, found.part, found.because) == ("audit_more", "noise", "overlap")
    assert 50 < found.n_more < 5000
    rows = decide(split_of([0.0, 0.0, 0.2, 0.14], 0.06, 200), 0, 0.95)
    assert (rows.remedy, rows.part, rows.because) == ("audit_more", "data", "overlap_rows")


def test_votes_count_pairs():
    rows = slice_rows({"all": np.ones(3, dtype=bool)}, list("xxy"), list("xyy"), None)
    wide = pd.DataFrame({"a": list("xxx"), "b": list("xyx"), "c": ["x", "y", None]})
    votes = votes_of(Annotations.from_wide(wide), rows)
    assert votes.split.round(3).tolist() == [0, 0.667, 0]
    assert votes.differs.round(3).tolist() == [0, 0.667, 1]


def test_no_text_names_what_only_one_way_of_asking_has():
    stored, predicted, _ = stored_noise()
    row = diagnose_slices({"chat": CHAT}, stored, predicted).frame.iloc[0]
    assert not re.search(r"\w=|see missing|--\w", f"{row['reason']} {row['missing']}")


def test_slices_of_the_same_name_are_all_diagnosed():
    stored, predicted, _ = stored_noise()
    found = diagnose_slices({1: CHAT, "1": ~CHAT}, stored, predicted)
    assert found.frame["slice"].tolist() == ["1", "1"]
    assert found.frame["size"].tolist() == [150, N - 150]


def test_items_counted_from_one_are_not_taken_for_the_rows_before_them():
    stored, predicted, _ = stored_noise()
    said = pd.DataFrame({"item": np.arange(1, N + 1), "ann": predicted, "ben": predicted})
    annotations = Annotations.from_wide(said, item="item")
    row = diagnose_slices({"chat": CHAT}, stored, predicted, annotations=annotations).frame.iloc[0]
    assert (row["remedy"], row["n_audited"]) == ("relabel", 150)
    assert row["noise"] == pytest.approx(row["excess"])


def test_rows_that_are_numbered_match_items_of_these_numbers_in_any_order():
    items = pd.Index(["2", "0", "1"])
    assert item_of_row(items, pd.RangeIndex(3)).tolist() == [1, 2, 0]
    assert item_of_row(pd.Index(["1", "2", "3"]), pd.RangeIndex(3)).tolist() == [0, 1, 2]
    assert item_of_row(pd.Index(["b", "z", "a"]), pd.Index(["a", "b", "c"])).tolist() == [2, 0, -1]


def test_groups_that_cannot_be_compared_are_one_clear_message():
    stored, predicted, _ = stored_noise()
    with pytest.raises(ParameterError, match="groups holds values that cannot be compared"):
        diagnose_slices({"chat": CHAT}, stored, predicted, groups=pd.Series([["a"]] * N))
