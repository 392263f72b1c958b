"""What is missing or thin, and what could hide there."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from labelqa.errors import ColumnError, LabelqaError, ParameterError
from labelqa.slices.coverage import slice_coverage

IMPORTANT = {"noise": ["car", "cafe", "street"], "sex": ["f", "m"]}


def recordings(n: int = 2000) -> pd.DataFrame:
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"noise": rng.choice(["car", "cafe"], n), "sex": rng.choice(["f", "m"], n)})
    return frame[(frame["noise"] != "cafe") | (frame["sex"] != "m") | (frame.index < 40)].reset_index(drop=True)


def test_every_declared_combination_is_counted_present_or_not() -> None:
    frame = recordings()
    found = slice_coverage(frame, important=IMPORTANT).to_frame().set_index("combination")
    assert len(found) == 6
    assert found.loc["noise = street and sex = f", ["n", "status", "n_more"]].tolist() == [0, "missing", 30]
    thin = found.loc["noise = cafe and sex = m"]
    assert thin["status"] == "thin"
    assert thin["n"] == ((frame["noise"] == "cafe") & (frame["sex"] == "m")).sum()
    assert thin["n"] + thin["n_more"] == 30
    assert found.loc["noise = car and sex = f", "status"] == "covered"


def test_bounds_are_those_of_the_rule_of_three() -> None:
    found = slice_coverage(recordings(), important=IMPORTANT).to_frame().set_index("combination")
    n = len(recordings())
    assert found.loc["noise = street and sex = f", "share_high"] == pytest.approx(3 / n, rel=0.01)
    covered = found.loc["noise = car and sex = f"]
    assert covered["hidden_rate"] == pytest.approx(1 - 0.05 ** (1 / covered["n"]))
    assert found.loc["noise = street and sex = f", "hidden_rate"] == 1.0


def test_thin_pairs_are_found_without_being_declared_and_independent_columns_give_none() -> None:
    found = slice_coverage(recordings())
    assert found.to_frame()["combination"].tolist() == ["noise = cafe and sex = m"]
    rng = np.random.default_rng(1)
    independent = pd.DataFrame({c: rng.choice(["x", "y", "z"], 2000) for c in "abcd"})
    assert len(slice_coverage(independent).to_frame()) == 0


def test_the_result_reads() -> None:
    text = repr(slice_coverage(recordings(), important=IMPORTANT))
    assert text.startswith("6 combinations declared: 2 missing, 1 thin (below 30 rows)")
    assert 3 <= len(text.splitlines()) <= 6
    assert "all are covered" in repr(slice_coverage(recordings(), important={"sex": ["f"]}))


@pytest.mark.parametrize(
    ("important", "kind", "message"),
    [
        ({"noize": ["car"]}, ColumnError, "there is no column 'noize'"),
        ({}, ParameterError, "important makes 0 combinations"),
        ({"noise": []}, ParameterError, "important makes 0 combinations"),
        ([1], ParameterError, "important is a list"),
    ],
)
def test_wrong_declarations_are_refused(important: object, kind: type[Exception], message: str) -> None:
    with pytest.raises(kind, match=message):
        slice_coverage(recordings(), important=important)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("change", "important", "words"),
    [
        (lambda d: d, {"noise": "car"}, "is 'car', not a list"),
        (lambda d: d, {"noise": [["car"]]}, "holds what cannot be compared"),
        (lambda d: d.assign(noise=[["car"]] * len(d)), {"noise": ["car"]}, "column 'noise' holds cells that cannot"),
        (lambda d: pd.concat([d, d], axis=1), {"noise": ["car"]}, "several columns are called 'noise'"),
        (lambda d: d.iloc[:0], {"noise": ["car"]}, "features has no rows"),
    ],
)
def test_what_cannot_be_counted_is_one_clear_message(change, important, words) -> None:
    with pytest.raises(LabelqaError, match=words):
        slice_coverage(change(pd.DataFrame({"noise": ["car", "cafe"] * 50})), important=important)


def test_missing_cells_are_a_value_that_can_matter() -> None:
    rows = pd.DataFrame({"noise": ["car", None] * 50})
    found = slice_coverage(rows, important={"noise": ["car", None]})
    assert found.frame.set_index("combination")["n"].to_dict() == {"noise = car": 50, "noise is missing": 50}


def test_columns_that_make_no_conditions_are_named() -> None:
    rows = pd.DataFrame({"uid": [f"u{i}" for i in range(10_000)], "one": 1, "noise": ["car", "cafe"] * 5_000})
    found = slice_coverage(rows)
    assert dict(found.left_out)["uid"] == "an identifier: 10,000 different values in 10,000 rows"
    assert "left out: uid" in repr(found)


def test_parts_of_one_date_or_text_that_exclude_each_other_are_no_gaps() -> None:
    rng = np.random.default_rng(0)
    hours = pd.Series(pd.to_timedelta(rng.integers(0, 300 * 24, 2000), unit="h"))
    when = (pd.Timestamp("2026-01-01") + hours).mask(pd.Series(rng.random(2000) < 0.4))
    words = np.array(["refund", "order", "late", "hello", "delivery", "please"])
    text = pd.Series([" ".join(rng.choice(words, 4)) for _ in range(2000)], dtype=object).mask(when.isna())
    found = slice_coverage(pd.DataFrame({"when": when})).frame
    assert not len(found)
    found = slice_coverage(pd.DataFrame({"text": text})).frame
    assert not found["combination"].str.contains("length").any()


def test_words_and_entries_that_rarely_stand_together_are_gaps() -> None:
    tags = [["car", "rain"], ["car"], ["rain"], []] * 200
    tags = [t if i < 20 or len(t) < 2 else ["car"] for i, t in enumerate(tags)]
    found = slice_coverage(pd.DataFrame({"tags": tags}))
    assert 'tags contains "car" and tags contains "rain"' in {
        " and ".join(sorted(c.split(" and "))) for c in found.frame["combination"]
    }
