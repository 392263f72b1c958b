"""preference_agreement: order of presentation, ties, chance and consistency."""

import itertools
import json
import math

import numpy as np
import pandas as pd
import pytest

from labelqa.errors import ColumnError, DuplicateError, LabelError
from labelqa.reliability.distance import words
from labelqa.reliability.distance.preferences import preference_agreement
from labelqa.reliability.distance.triads import count_triads

COLUMNS = ["a", "b", "annotator", "choice"]
SWAP = {"a": "b", "b": "a", "tie": "tie"}


def choices(rows):
    return pd.DataFrame(rows, columns=COLUMNS, dtype=object)


def random_choices(seed=0, objects="uvwxy", people=("ann", "ben", "cem")):
    rng = np.random.default_rng(seed)
    pairs = itertools.combinations(objects, 2)
    return choices([(x, y, who, str(rng.choice(["a", "a", "b", "tie"]))) for x, y in pairs for who in people])


def swapped(frame, rows):
    out = frame.copy()
    out.loc[rows, ["a", "b"]] = frame.loc[rows, ["b", "a"]].to_numpy()
    out.loc[rows, "choice"] = frame.loc[rows, "choice"].map(SWAP)
    return out


def figures(result):
    return result.to_frame()["estimate"].tolist()


def test_a_pair_shown_in_the_other_order_is_the_same_pair():
    frame = random_choices()
    other = preference_agreement(swapped(frame, frame.index[::2]))
    assert figures(preference_agreement(frame)) == figures(other)
    assert other.n_items == 10


def test_renaming_objects_changes_nothing():
    frame = random_choices(3)
    renamed = frame.replace(dict(zip("uvwxy", "54321", strict=True)))
    assert figures(preference_agreement(renamed)) == pytest.approx(figures(preference_agreement(frame)))


@pytest.mark.parametrize(("name", "tie"), [("alpha", 1.0), ("alpha_ordinal", 0.25)])
def test_alpha_is_its_definition_with_every_pair_turned_at_random(name, tie):
    """The expected distance as the mean over both directions of every two choices."""
    frame = random_choices(1)
    number = frame["choice"].map({"a": 1.0, "tie": 0.0, "b": -1.0}).to_numpy()
    pair = (frame["a"] + frame["b"]).to_numpy()

    def distance(x, y):
        return {0.0: 0.0, 1.0: tie, 2.0: 1.0}[abs(x - y)]

    n = len(number)
    within = [(i, j) for i, j in itertools.permutations(range(n), 2) if pair[i] == pair[j]]
    observed = sum(distance(number[i], number[j]) / 2 for i, j in within) / n  # three choices a pair
    turned = [
        (distance(number[i], number[j]) + distance(number[i], -number[j])) / 2
        for i, j in itertools.permutations(range(n), 2)
    ]
    expected = 1 - observed / np.mean(turned)
    assert getattr(preference_agreement(frame), name) == pytest.approx(expected, abs=1e-12)


def test_the_jackknife_leaves_out_whole_pairs():
    frame = random_choices(2)
    result = preference_agreement(frame)
    keys = (frame["a"] + frame["b"]).unique()
    for name in ("alpha", "alpha_ordinal", "percent"):
        values = np.array([getattr(preference_agreement(frame[frame["a"] + frame["b"] != k]), name) for k in keys])
        error = math.sqrt((len(keys) - 1) / len(keys) * np.square(values - values.mean()).sum())
        interval = result.confidence_interval(method="jackknife", measure=name)
        assert interval.standard_error == pytest.approx(error, abs=1e-12)


def test_full_agreement_is_one_and_opposite_choices_minus_one():
    same = [("x", "y", who, "a") for who in ("ann", "ben")] + [("x", "z", who, "b") for who in ("ann", "ben")]
    assert preference_agreement(choices(same)).alpha == 1.0
    opposite = [(x, y, who, c) for x, y in ("xy", "xz") for who, c in (("ann", "a"), ("ben", "b"))]
    assert preference_agreement(choices(opposite)).alpha == -1.0


def test_contexts_keep_pairs_apart():
    frame = choices([("x", "y", "ann", "a"), ("x", "y", "ben", "a"), ("x", "y", "ann", "b"), ("x", "y", "ben", "b")])
    result = preference_agreement(frame.assign(prompt=[1, 1, 2, 2]), context="prompt")
    assert result.n_items == 2
    assert result.alpha == 1.0


def test_position_bias_shows_in_what_was_shown_first():
    frame = choices([("x", "y", "ann", "a"), ("y", "x", "ben", "a"), ("x", "z", "ann", "a"), ("x", "z", "ben", "tie")])
    result = preference_agreement(frame)
    assert result.first_shown_share == 1.0
    assert result.tie_share == 0.25


def test_choices_are_read_in_any_case_and_gaps_are_counted():
    frame = choices(
        [("x", "y", "ann", " A "), ("x", "y", "ben", "a"), ("x", "z", "ben", None), (None, "z", "ben", "b")]
    )
    result = preference_agreement(frame)
    assert result.n_annotations == 2
    assert result.n_missing == 2


def test_bad_choices_are_refused_all_at_once_with_their_rows():
    frame = choices([("x", "y", "ann", "left"), ("x", "y", "ben", "a"), ("x", "x", "ann", "a")])
    with pytest.raises(LabelError, match=r"row 0: choice 'left' is not known .*allowed: a, tie, b") as caught:
        preference_agreement(frame)
    assert [p.row for p in caught.value.problems] == [0, 2]
    with pytest.raises(ColumnError, match="there is no column 'winner'"):
        preference_agreement(frame, choice="winner")


def test_judging_a_pair_twice_in_either_order_is_a_duplicate():
    frame = choices([("x", "y", "ann", "a"), ("y", "x", "ann", "a"), ("x", "y", "ben", "a")])
    with pytest.raises(DuplicateError, match="annotator 'ann' answered item 'x against y' again"):
        preference_agreement(frame)
    assert preference_agreement(frame, on_duplicate="first").percent == 1.0
    assert preference_agreement(frame, on_duplicate="last").percent == 0.0


REASONS = [
    (words.NO_ANSWERS, []),
    (words.ONE_ANNOTATOR, [("x", "y", "ann", "a")]),
    (words.NO_OVERLAP, [("x", "y", "ann", "a"), ("x", "z", "ben", "a")]),
    (words.ONE_VALUE, [("x", "y", "ann", "tie"), ("x", "y", "ben", "tie")]),
]


@pytest.mark.parametrize(("reason", "rows"), REASONS)
def test_undefined_is_nan_with_its_reason(reason, rows):
    result = preference_agreement(choices(rows))
    assert math.isnan(result.alpha)
    assert result.undefined_because == reason
    json.dumps(result.to_dict(), allow_nan=False)


def brute_circular(wins, n):
    triples = itertools.combinations(range(n), 3)
    return sum(len({sum((x, y) in wins for y in t if y != x) for x in t}) == 1 for t in triples)


@pytest.mark.parametrize("seed", range(5))
def test_circular_triads_are_those_found_by_trying_all(seed):
    rng = np.random.default_rng(seed)
    n = 7
    games = [(i, j) if rng.random() < 0.5 else (j, i) for i, j in itertools.combinations(range(n), 2)]
    found = count_triads([[(w, l, False) for w, l in games]])  # noqa: E741
    assert found.n_triads == math.comb(n, 3)
    assert found.n_circular == brute_circular(set(games), n)
    assert found.zeta == pytest.approx(1 - found.n_circular / ((n**3 - n) / 24))


def test_zeta_is_one_for_an_order_and_undefined_with_gaps_or_ties():
    order = [(i, j, False) for i, j in itertools.combinations(range(4), 2)]
    assert count_triads([order]).zeta == 1.0
    gap = count_triads([order[:-1]])
    assert math.isnan(gap.zeta)
    assert gap.undefined_because == words.NOT_ALL_PAIRS
    assert gap.n_triads == 2
    assert count_triads([order[:1]]).undefined_because == words.NO_TRIADS
    assert count_triads([]).undefined_because == words.NO_TRIADS


def test_consistency_has_a_row_an_annotator():
    table = preference_agreement(random_choices(5)).consistency
    assert table["annotator"].tolist() == ["ann", "ben", "cem"]
    assert table["n_choices"].tolist() == [10, 10, 10]


def test_results_show_themselves_in_every_form():
    result = preference_agreement(random_choices())
    assert repr(result).splitlines()[-1].startswith("  next:")
    assert json.loads(json.dumps(result.to_dict(), allow_nan=False))["consistency"][0]["annotator"] == "ann"
    assert "layer" in result.plot().to_dict()


def test_columns_that_were_not_named_play_no_part():
    frame = random_choices()
    renamed = frame.rename(columns={"a": "left"}).assign(a="other", context=range(len(frame)))
    assert figures(preference_agreement(renamed, a="left")) == figures(preference_agreement(frame))


def test_the_estimate_is_the_main_figure():
    result = preference_agreement(random_choices())
    assert result.estimate == result.alpha
