"""What changed between two batches."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from labelqa.errors import LabelqaError, ParameterError
from labelqa.report.answers.slice_batches import drift_shown
from labelqa.report.blocks import tables_in
from labelqa.slices.changed import changed_errors, exchanged
from labelqa.slices.drift import slice_drift
from labelqa.slices.features import encode_features
from labelqa.slices.lattice import search


def batch(seed: int, n: int = 2000) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    return pd.DataFrame({c: rng.choice(["x", "y", "z"], n) for c in ("a", "b", "c")})


def errors(frame: pd.DataFrame, more: float = 0.0, seed: int = 0) -> np.ndarray:
    rate = 0.1 + more * ((frame["a"] == "x") & (frame["b"] == "y"))
    return (np.random.default_rng(seed).random(len(frame)) < rate).astype(float)


def test_a_slice_whose_error_rose_is_the_one_change() -> None:
    old, new = batch(0), batch(1)
    found = slice_drift(old, new, error=(errors(old), errors(new, 0.25, seed=1))).to_frame()
    row = found.iloc[0]
    assert found[["predicates", "change"]].values.tolist() == [["a = x and b = y", "error rose"]]
    mask = ((new["a"] == "x") & (new["b"] == "y")).to_numpy()
    assert row["n_after"] == mask.sum()
    assert row["after"] == pytest.approx(errors(new, 0.25, seed=1)[mask].mean())
    assert row["low"] < row["difference"] < row["high"]


def test_a_change_of_all_rows_is_one_change() -> None:
    old, new = batch(0), batch(1)
    worse = (np.random.default_rng(2).random(len(new)) < 0.25).astype(float)
    found = slice_drift(old, new, error=(errors(old), worse)).to_frame()
    assert found[["predicates", "change"]].values.tolist() == [["all rows", "error rose"]]
    back = slice_drift(new, old, error=(worse, errors(old))).to_frame()
    assert back["change"].tolist() == ["error fell"]


def test_shares_and_new_slices_are_reported() -> None:
    old, new = batch(0), batch(1)
    new.loc[:299, "c"] = "w"
    found = slice_drift(old, new).to_frame()
    assert ("c = w", "new") in list(zip(found["predicates"], found["change"], strict=True))
    rarer = slice_drift(new, old).to_frame()
    assert ("c = w", "rarer") in list(zip(rarer["predicates"], rarer["change"], strict=True))


def test_nothing_changed_nothing_reported_in_nearly_all_runs() -> None:
    alarms = 0
    for seed in range(16):
        old, new = batch(2 * seed, 600), batch(2 * seed + 1, 600)
        alarms += len(slice_drift(old, new, error=(errors(old, seed=seed), errors(new, seed=-seed - 1 + 2**32)))) > 0
    assert alarms <= 3


def test_moments_are_those_of_all_exchanges_of_batches_within_a_slice() -> None:
    from itertools import combinations

    from scipy.stats import skew

    frame = pd.DataFrame({"a": ["x"] * 6 + ["y"] * 4})
    error = np.array([0.0, 1.0, 0.5, 2.0, 0.0, 3.0, 1.0, 0.0, 2.0, 2.0])
    later = np.array([1, 1, 0, 0, 0, 0, 1, 0, 1, 0], dtype=bool)
    lattice = search(encode_features(frame), error, min_size=1)
    total, chance = exchanged(lattice, error, later, np.arange(10))
    sums = [sum(error[list(rows)]) for rows in combinations(range(6), 2)]
    assert total[0] == 1.0
    assert chance.expected[0] == pytest.approx(np.mean(sums))
    assert chance.deviation[0] == pytest.approx(np.std(sums))
    assert chance.skewness[0] == pytest.approx(skew(sums))


def test_a_constant_error_changes_nowhere() -> None:
    lattice = search(encode_features(batch(0, 300)), np.ones(300), min_size=5)
    assert changed_errors(lattice, np.ones(300), np.arange(300) < 150, 0.05) == []


def test_the_result_reads_and_draws() -> None:
    old, new = batch(0), batch(1)
    found = slice_drift(old, new, error=(errors(old), errors(new, 0.25)))
    assert repr(found).startswith("1 change (2,000 rows before, 2,000 after)")
    assert found.plot().to_dict()["layer"]
    assert 3 <= len(repr(slice_drift(old, old.copy())).splitlines()) <= 6


@pytest.mark.parametrize(
    ("after", "error", "message"),
    [
        (pd.DataFrame({"z": [1]}), None, "the batches share no column"),
        (batch(1, 0), None, "one of the batches has no rows"),
        (batch(1, 50), (np.ones(2000), np.ones(3)), "error[1] has 3 values for 50 rows"),
    ],
)
def test_wrong_input_gives_one_clear_message(after: pd.DataFrame, error: object, message: str) -> None:
    with pytest.raises(ParameterError) as caught:
        slice_drift(batch(0), after, error=error)  # type: ignore[arg-type]
    assert str(caught.value).startswith(message)


def test_what_was_not_compared_is_named() -> None:
    old = pd.DataFrame({"channel": ["chat", "mail"] * 200, "uid": [f"u{i}" for i in range(400)], "only": "x"})
    new = old.drop(columns="only").assign(version=2)
    found = slice_drift(old, new)
    reasons = dict(found.left_out)
    assert reasons["only"] == "only before has it"
    assert reasons["version"] == "only after has it"
    assert reasons["uid"].startswith("an identifier")
    assert "left out: only" in repr(found)


def test_mean_errors_of_the_batches_are_told() -> None:
    rows = pd.DataFrame({"channel": ["chat", "mail"] * 200})
    found = slice_drift(rows, rows, error=(np.zeros(400), np.full(400, 0.5)))
    assert (found.error_before, found.error_after, found.shares) == (0.0, 0.5, False)
    assert np.isnan(slice_drift(rows, rows).error_after)
    assert found.plot().to_dict()["layer"]


@pytest.mark.parametrize(
    ("before", "error", "words"),
    [
        (lambda d: d.to_numpy(), None, "before is a ndarray, not a table"),
        (lambda d: pd.concat([d, d], axis=1), None, "before has columns of the same name"),
        (lambda d: d, np.zeros(400), "not one for each batch"),
        (lambda d: d, (np.zeros(400), np.full(400, np.inf)), "is infinite in 400 rows"),
        (lambda d: d, (np.zeros(3), np.zeros(400)), "has 3 values for 400 rows"),
    ],
)
def test_batches_that_cannot_be_compared_are_one_clear_message(before, error, words) -> None:
    rows = pd.DataFrame({"channel": ["chat", "mail"] * 200})
    with pytest.raises(LabelqaError, match=words):
        slice_drift(before(rows), rows, error=error)


def test_what_rose_less_than_all_rows_is_not_said_to_have_fallen() -> None:
    rng = np.random.default_rng(0)
    rows = pd.DataFrame({"c": rng.choice(["a", "b", "d"], 6000)})
    rate = np.where(np.arange(6000) < 3000, 0.1, np.where(rows["c"] == "a", 0.15, 0.45))
    error = (rng.random(6000) < rate).astype(float)
    found = slice_drift(rows[:3000], rows[3000:], error=(error[:3000], error[3000:]))
    changes = found.frame.set_index("predicates")
    assert changes.loc["all rows", "change"] == "error rose"
    assert changes.loc["c = a", "change"] == "error fell, measured against all rows"
    assert changes.loc["c = a", "difference"] > 0
    shown = drift_shown(found)
    assert {t.key for t in tables_in(shown.section.blocks)} == {"slice_errors"}
    assert "the error changed in" in shown.headline.statement.lower()


@pytest.mark.parametrize("max_predicates", [0, 4, "2", True])
def test_conditions_are_one_to_three(max_predicates) -> None:
    rows = pd.DataFrame({"channel": ["chat", "mail"] * 200})
    with pytest.raises(ParameterError, match="is not a number of conditions"):
        slice_drift(rows, rows, error=(np.zeros(400), np.ones(400)), max_predicates=max_predicates)
