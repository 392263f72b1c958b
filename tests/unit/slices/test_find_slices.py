"""The public promise: what is planted is found, nothing else, and each number means what it says."""

from __future__ import annotations

import json
from itertools import combinations

import numpy as np
import pandas as pd
import pytest

from labelqa.errors import ParameterError
from labelqa.slices import engine
from labelqa.slices.find import find_slices
from tests.bench.slices_bed import bed, jaccard


def frame_of(n: int = 2000, seed: int = 0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "channel": rng.choice(["chat", "mail", "phone"], n),
            "age": rng.integers(18, 80, n),
            "lang": rng.choice(["de", "en"], n),
        }
    )


def chat_in_german(frame: pd.DataFrame) -> np.ndarray:
    return ((frame["channel"] == "chat") & (frame["lang"] == "de")).to_numpy()


def wrong(mask: np.ndarray, seed: int = 0, base: float = 0.1, more: float = 0.3) -> np.ndarray:
    return (np.random.default_rng(seed).random(mask.size) < base + more * mask).astype(int)


def test_a_planted_pair_is_the_one_finding_with_honest_numbers() -> None:
    frame = frame_of()
    mask = chat_in_german(frame)
    error = wrong(mask)
    found = find_slices(frame, error)
    row = found.to_frame().iloc[0]
    assert len(found) == 1
    assert row["predicates"] == "channel = chat and lang = de"
    assert (found.mask(0) == mask).all()
    assert row["size"] == mask.sum()
    assert row["support"] == pytest.approx(mask.mean())
    assert row["rate"] == pytest.approx(error[mask].mean())
    assert row["rest_rate"] == pytest.approx(error[~mask].mean())
    assert row["difference"] == pytest.approx(row["rate"] - row["rest_rate"])
    assert row["lift"] == pytest.approx(row["rate"] / row["rest_rate"])
    assert row["low"] < row["shrunk"] <= row["difference"] < row["high"]
    assert row["impact"] == pytest.approx(row["shrunk"] * row["size"])
    assert row["p_value"] <= row["p_adjusted"] <= 0.05


@pytest.mark.parametrize("delta", [0.25])
def test_four_planted_slices_are_found_and_no_other(delta: float) -> None:
    for seed in range(3):
        b = bed(seed, delta)
        found = find_slices(b.codes, b.error, rng=seed)
        best = [max(jaccard(found.mask(i), p) for i in range(len(found))) for p in b.planted]
        assert min(best) >= 0.6
        assert len(found) == 4


def test_nothing_planted_nothing_reported_in_nearly_all_runs() -> None:
    """At 5 % a run, more than 4 of 24 runs have probability .006; the bench runs hundreds."""
    reports = sum(len(find_slices(*no_effect(seed), rng=seed)) > 0 for seed in range(24))
    assert reports <= 4


def no_effect(seed: int) -> tuple[np.ndarray, np.ndarray]:
    b = bed(seed, 0.0, n=1500)
    return b.codes[:, :6], b.error


def test_no_two_reported_slices_hold_nearly_the_same_rows() -> None:
    rng = np.random.default_rng(1)
    a = rng.integers(0, 4, 4000)
    twin = np.where(rng.random(4000) < 0.03, rng.integers(0, 4, 4000), a)
    other = rng.integers(0, 3, 4000)
    error = (rng.random(4000) < 0.1 + 0.3 * (a == 2) + 0.2 * (other == 1)).astype(float)
    found = find_slices(np.stack([a, twin, other], axis=1), error)
    masks = [found.mask(i) for i in range(len(found))]
    assert all(jaccard(x, y) <= 0.8 for x, y in combinations(masks, 2))
    assert found.frame["predicates"][:2].tolist() in (
        ["column 0 = 2", "column 2 = 1"],
        ["column 1 = 2", "column 2 = 1"],
    )


def test_the_simplest_of_equal_descriptions_is_reported() -> None:
    a = np.arange(3000) % 5
    frame = pd.DataFrame({"b": (a == 1) | (a == 2), "c": (a == 1) | (a == 3), "a": a == 1})
    found = find_slices(frame, wrong(a == 1, more=0.5))
    assert found.frame["predicates"].tolist() == ["a = True"]


def test_rows_repeated_in_groups_create_no_findings_when_groups_are_given() -> None:
    told = untold = 0
    for seed in range(12):
        b = bed(seed, 0.0, n=400)
        rows = np.repeat(np.arange(400), 6)
        told += len(find_slices(b.codes[rows][:, :3], b.error[rows], groups=rows, rng=seed)) > 0
        if seed < 2:
            untold += len(find_slices(b.codes[rows][:, :3], b.error[rows], rng=seed)) > 0
    assert untold == 2, "copies look like evidence"
    assert told <= 3


def test_a_real_effect_is_found_among_groups() -> None:
    frame = frame_of(1500)
    mask = chat_in_german(frame)
    rows = np.repeat(np.arange(1500), 3)
    error = wrong(mask)[rows]
    found = find_slices(frame.iloc[rows], error, groups=rows)
    assert found.frame["predicates"].tolist() == ["channel = chat and lang = de"]
    single = find_slices(frame, wrong(mask)).frame.iloc[0]
    row = found.frame.iloc[0]
    assert row["high"] - row["low"] == pytest.approx(single["high"] - single["low"], rel=0.05)


def test_rows_to_which_the_error_does_not_apply_take_no_part() -> None:
    frame = frame_of()
    mask = chat_in_german(frame)
    error = wrong(mask).astype(float)
    error[::2] = np.nan
    found = find_slices(frame, error)
    half = find_slices(frame.iloc[1::2].reset_index(drop=True), error[1::2])
    assert found.n_rows == 1000
    assert found.mask(0).sum() == found.frame["size"][0] == half.frame["size"][0]
    assert not found.mask(0)[::2].any()


def test_losses_are_compared_by_their_means() -> None:
    frame = frame_of()
    loss = np.random.default_rng(1).gamma(1.0 + 0.8 * chat_in_german(frame))
    found = find_slices(frame, loss)
    assert found.frame["predicates"].tolist() == ["channel = chat and lang = de"]
    assert not found.shares
    shifted = find_slices(frame, 1000 * loss - 50)
    assert shifted.frame["predicates"].tolist() == found.frame["predicates"].tolist()
    assert shifted.frame["difference"][0] == pytest.approx(1000 * found.frame["difference"][0])


def test_a_slice_of_your_own_is_tested_in_the_same_family_and_always_listed() -> None:
    frame = frame_of()
    mine = np.random.default_rng(5).random(2000) < 0.1
    nothing = np.arange(2000) % 7 == 0
    found = find_slices(
        frame, wrong(mine), slices={"short chat": mine, "other": nothing, "empty": np.zeros(2000, bool)}
    )
    assert found.frame["predicates"].tolist() == ["short chat"]
    assert (found.mask(0) == mine).all()
    assert found.named["predicates"].tolist() == ["short chat", "other", "empty"]
    assert found.named["p_adjusted"][0] < 0.01
    assert found.named["p_adjusted"][1] > 0.05
    assert np.isnan(found.named["p_adjusted"][2])


def test_many_rows_are_found_in_one_half_and_tested_in_the_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "MOST_SHUFFLED", 1000)
    frame = frame_of(6000)
    mask = chat_in_german(frame)
    error = wrong(mask)
    mine = np.arange(6000) % 3 == 0
    found = find_slices(frame, error, slices={"thirds": mine})
    row = found.frame.iloc[0]
    assert found.method == "hold_out"
    assert found.frame["predicates"].tolist() == ["channel = chat and lang = de"]
    assert row["size"] == mask.sum()
    assert row["shrunk"] == row["difference"]
    assert row["rate"] != pytest.approx(error[mask].mean(), abs=1e-12), "measured on the half that tests"
    assert found.named["p_adjusted"][0] > 0.05
    grouped = find_slices(frame, error, groups=np.arange(6000) // 2)
    assert grouped.frame["predicates"].tolist() == ["channel = chat and lang = de"]


def test_hold_out_keeps_its_level_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "MOST_SHUFFLED", 1000)
    assert sum(len(find_slices(*no_effect(seed), rng=seed)) > 0 for seed in range(24)) <= 4


def test_same_seed_same_result_and_input_untouched() -> None:
    frame, error = frame_of(), wrong(chat_in_german(frame_of()), more=0.12).astype(float)
    before = frame.copy(), error.copy()
    first, second = (find_slices(frame, error, rng=3) for _ in range(2))
    pd.testing.assert_frame_equal(first.frame, second.frame)
    pd.testing.assert_frame_equal(frame, before[0])
    assert (error == before[1]).all()


def test_the_result_reads_prints_draws_and_converts() -> None:
    frame = frame_of().assign(user_id=[f"u{i}" for i in range(2000)])
    found = find_slices(frame, wrong(chat_in_german(frame)))
    text = repr(found)
    assert text.startswith("1 slice with more error than the rest (")
    assert "channel = chat and lang = de: " in text
    assert "left out: user_id (an identifier: 2,000 different values in 2,000 rows)" in text
    assert text.endswith("next: .to_frame(), .detail(0), .mask(0), .plot(), .heat_map()")
    assert 3 <= len(text.splitlines()) <= 6
    assert "channel = chat" in found._repr_html_()
    assert json.loads(json.dumps(found.to_dict()))["frame"][0]["predicates"] == "channel = chat and lang = de"
    assert found.plot().to_dict()["layer"]
    assert found.left_out == (("user_id", "an identifier: 2,000 different values in 2,000 rows"),)


@pytest.mark.parametrize("scale", [1e-100, 1e100])
def test_the_unit_of_a_loss_does_not_matter(scale: float) -> None:
    frame = frame_of()
    loss = np.random.default_rng(1).gamma(1.0 + 0.8 * chat_in_german(frame))
    found, scaled = find_slices(frame, loss), find_slices(frame, loss * scale)
    assert scaled.frame["predicates"].tolist() == found.frame["predicates"].tolist()
    assert scaled.frame["p_adjusted"].tolist() == pytest.approx(found.frame["p_adjusted"].tolist())


@pytest.mark.parametrize("n", [2, 3, 6, 11])
def test_few_rows_are_no_error(n: int) -> None:
    found = find_slices(frame_of(n), np.arange(n) % 2, groups=None, slices={"first": np.arange(n) == 0})
    assert len(found.named) == 1
    assert 3 <= len(repr(found).splitlines()) <= 6


def test_no_finding_says_what_came_closest() -> None:
    found = find_slices(frame_of(), wrong(np.zeros(2000, dtype=bool)))
    assert len(found) == 0
    assert list(found.to_frame().columns)[:3] == ["predicates", "size", "support"]
    assert repr(found).startswith("No slice has more error than chance gives the worst of many")
    assert "closest: " in repr(found)
    assert found.plot().to_dict()["layer"]
    with pytest.raises(ParameterError, match="there is no slice 0 \\(allowed: none: no slice was found\\)"):
        found.mask(0)


@pytest.mark.parametrize(
    ("features", "error", "reason"),
    [
        (frame_of(50), np.zeros(50), "the error is 0 in all 50 rows"),
        (frame_of(50), np.ones(50, dtype=bool), "the error is 1 in all 50 rows"),
        (
            pd.DataFrame({"x": [1] * 50}),
            np.arange(50) % 2,
            "no column of the features makes slices: x: constant: all rows",
        ),
        (frame_of(1), [1.0], "1 row is too few: a slice and the rest need 5 each"),
        (frame_of(9), np.arange(9) % 2, "9 rows are too few"),
    ],
)
def test_where_nothing_can_be_found_the_reason_is_given(features: object, error: object, reason: str) -> None:
    found = find_slices(features, error)
    assert len(found) == 0
    assert str(found.undefined_because).startswith(reason)
    assert reason[:20] in repr(found)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"error": np.ones(49)}, "error has 49 values for 50 rows of features"),
        ({"error": np.full(50, np.nan)}, "error is nan in all 50 rows. Pass a number for rows"),
        ({"error": [np.inf] + [0.0] * 49}, "error is infinite in 1 row (0)"),
        ({"error": ["bad"] * 50}, "error holds what is no number: 'bad'"),
        ({"error": np.ones((50, 2))}, "error is ndarray with 2 dimensions"),
        ({"error": None}, "error is NoneType, not one value a row"),
        ({"groups": [1, 2]}, "groups has 2 values for 50 rows"),
        ({"groups": [{}] * 50}, "groups holds values that cannot be compared"),
        ({"slices": {"a": np.ones(50)}}, "slices['a'] holds float64 in 1 dimensions"),
        ({"slices": {"a": [True]}}, "slices['a'] has 1 values for 50 rows"),
        ({"slices": [1]}, "slices is a list"),
        ({"max_predicates": 4}, "max_predicates=4 is not a number of conditions (allowed: 1, 2, 3)"),
        ({"min_support": 0}, "min_support=0 is not a share of rows"),
        ({"alpha": 1.5}, "alpha=1.5 is not a probability"),
        ({"rng": "x"}, "rng='x' is not a seed"),
    ],
)
def test_wrong_input_gives_one_clear_message(options: dict[str, object], message: str) -> None:
    call = {"error": np.arange(50) % 2, **options}
    with pytest.raises(ParameterError) as caught:
        find_slices(frame_of(50), **call)  # type: ignore[arg-type]
    assert str(caught.value).startswith(message)
    assert "\n" not in str(caught.value)


def test_fewer_than_three_groups_say_nothing() -> None:
    found = find_slices(frame_of(50), np.arange(50) % 2, groups=np.arange(50) % 2)
    assert found.undefined_because == "there are fewer than 3 groups, which says nothing about others"


def test_unhashable_cells_and_identifiers_do_not_stop_the_search() -> None:
    frame = frame_of().assign(raw=[{"a": i} for i in range(2000)], id=range(2000), same="x")
    found = find_slices(frame, wrong(chat_in_german(frame)))
    assert found.frame["predicates"].tolist() == ["channel = chat and lang = de"]
    assert [name for name, _ in found.left_out] == ["raw", "id", "same"]


@pytest.mark.parametrize("kind", ["list", "boolean", "Int64", "object"])
def test_errors_come_in_any_container(kind: str) -> None:
    frame = frame_of()
    error = wrong(chat_in_german(frame))
    values: object = error.tolist() if kind == "list" else pd.Series(error).astype(kind)
    assert find_slices(frame, values).frame["predicates"].tolist() == ["channel = chat and lang = de"]
