"""What each kind of column becomes, in words."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from labelqa.errors import ParameterError
from labelqa.slices.features import FeatureTable, encode_features

N = 400


def encoded(values: object, name: str = "x", **options: object) -> FeatureTable:
    return encode_features(pd.DataFrame({name: values}), **options)  # type: ignore[arg-type]


def reason(values: object, name: str = "x") -> str:
    table = encoded(values, name)
    assert table.names == ()
    return dict(table.left_out)[name]


def test_categories_are_their_frequent_values_with_missing_and_rare_ones_apart() -> None:
    table = encoded(["chat"] * 250 + ["mail"] * 140 + [None] * 8 + ["fax", "pager"], "channel")
    expected = ("channel = chat", "channel = mail", "channel is another, rare value", "channel is missing")
    assert table.levels == ((*expected[:2], "channel = fax", "channel = pager", expected[3]),)
    many = encoded([f"c{i % 25}" for i in range(N)], "channel", max_levels=10)
    assert many.levels[0][-1] == "channel is another, rare value"
    assert len(many.levels[0]) == 11


def test_words_for_missing_are_values() -> None:
    assert encoded(["NA", "None", "null", "NA"] * 5).levels[0] == ("x = NA", "x = None", "x = null")


def test_numbers_are_fifths_with_round_limits_and_each_number_lies_in_its_interval() -> None:
    ages = np.random.default_rng(0).normal(40, 13, N)
    ages[:5] = np.nan
    table = encoded(ages, "age")
    assert table.levels[0] == ("age < 30", "30 <= age < 40", "40 <= age < 43", "43 <= age < 50", "age >= 50",
                               "age is missing") or len(table.levels[0]) == 6  # fmt: skip
    limits = [float(t.split()[-1]) for t in table.levels[0][:-2]]
    expected = np.where(np.isnan(ages), len(limits) + 1, np.searchsorted(limits, ages, side="right"))
    assert table.codes[:, 0].tolist() == expected.tolist()


def test_few_whole_numbers_are_levels_of_their_own() -> None:
    assert encoded(pd.array([0, 1, None, 2] * 5, dtype="Int64")).levels[0] == (
        "x = 0",
        "x = 1",
        "x = 2",
        "x is missing",
    )


def test_a_column_of_mostly_zeros_is_split_at_zero() -> None:
    values = np.where(np.arange(N) % 10 == 0, np.arange(N), 0)
    assert encoded(values, "gain").levels[0][0].startswith("gain < ")
    assert len(encoded(values, "gain").levels[0]) >= 2


def test_infinite_numbers_stay_in_the_outer_intervals() -> None:
    values = np.random.default_rng(0).random(N)
    values[:2] = [np.inf, -np.inf]
    table = encoded(values)
    assert table.levels[0][table.codes[0, 0]].startswith("x >= ")
    assert table.levels[0][table.codes[1, 0]].startswith("x < ")


def test_truth_values_dates_and_durations() -> None:
    when = pd.Timestamp("2024-01-01") + pd.to_timedelta(np.arange(N) * 7, unit="h")
    frame = pd.DataFrame({"flag": np.arange(N) % 3 == 0, "when": when, "took": pd.to_timedelta(np.arange(N) ** 2, "s")})
    frame.loc[0, "when"] = pd.NaT
    table = encode_features(frame)
    assert table.names == ("flag", "when", "weekday of when", "time of day of when", "took in seconds")
    assert table.levels[0] == ("flag = False", "flag = True")
    assert table.levels[1][0].startswith("when < 2024-")
    assert table.levels[2][0] == "weekday of when = Monday"
    assert table.levels[3][-1] == "time of day of when is missing"


def test_times_with_a_zone_are_read_as_on_the_wall() -> None:
    when = pd.date_range("2024-01-01 05:30", periods=N, freq="D", tz="Europe/Berlin")
    table = encode_features(pd.DataFrame({"when": when}))
    assert table.names == ("when", "weekday of when")  # one wall clock hour, summer or winter


def test_texts_of_dates_and_numbers_are_read_as_such_but_codes_stay_codes() -> None:
    dates = pd.date_range("2024-01-01", periods=N, freq="D")
    assert encoded(dates.strftime("%Y-%m-%d").to_numpy(object), "when").names == ("when", "weekday of when")
    assert encoded(dates.date, "when").names == ("when", "weekday of when")
    assert encoded(dates.strftime("%Y-%m-%dT05:00:00Z").to_numpy(object), "when").names[0] == "when"
    assert encoded([str(i % 60) for i in range(N)], "age").levels[0][0] == "age < 10"
    assert "zip = 007" in encoded([f"{i % 15:03}" for i in range(N)], "zip").levels[0]


def test_texts_are_frequent_words_and_length() -> None:
    texts = [
        f"please {'refund my money' if i % 4 == 0 else 'send the parcel'} {i} {'now ' * (i % 7)}" for i in range(N)
    ]
    table = encoded(texts, "text")
    levels = [t for column in table.levels for t in column]
    assert 'text contains "refund"' in levels
    assert not any('"please"' in t for t in levels), "a word in every text says nothing"
    assert any(t.startswith("length of text < ") for t in levels)
    refund = table.names.index("text: refund")
    assert table.codes[:, refund].tolist() == [int(i % 4 == 0) for i in range(N)]


def test_what_a_text_does_not_contain_makes_no_slice() -> None:
    texts = [f"please {'refund my money' if i % 4 == 0 else 'send the parcel'} {i}" for i in range(N)]
    stated = encoded(texts, "text").stated
    column = stated.codes[:, stated.names.index("text: refund")]
    assert column.tolist() == [1 if i % 4 == 0 else -1 for i in range(N)]
    plain = encoded(["a", "b"] * 5)
    assert plain.stated is plain


def test_scripts_without_spaces_are_told_apart_by_pairs_of_characters() -> None:
    texts = [
        f"{'返金してください' if i % 2 else '配送が遅いです'}{i}番の注文について確認したいことがあります"
        for i in range(N)
    ]
    levels = [t for column in encoded(texts, "text").levels for t in column]
    words = [t.split('"')[1] for t in levels if " contains " in t]
    assert any(w in "返金してください" or w in "配送が遅いです" for w in words)
    assert not any(w in "番の注文について確認したいことがあります" for w in words)


def test_lists_are_their_frequent_entries() -> None:
    table = encoded([["a", "b"] if i % 2 else ["a", "c"] for i in range(N)], "tags")
    assert {'tags contains "b"', 'tags contains "c"'} <= {t for column in table.levels for t in column}


def test_embeddings_are_clusters_described_by_words() -> None:
    rng = np.random.default_rng(0)
    vectors = [rng.normal(size=8) + 20 * (i % 2) for i in range(N)]
    texts = [f"{'refund money back' if i % 2 else 'parcel is late'} number {i}" for i in range(N)]
    table = encode_features(pd.DataFrame({"text": texts, "vector": vectors}))
    column = table.levels[table.names.index("vector")]
    assert all(("refund" in t) != ("parcel" in t) for t in column)
    plain = encode_features(np.array([np.tile(v, 6) for v in vectors]))
    assert plain.names == ("embedding",)
    assert plain.levels[0][0].startswith("embedding near rows ")


def test_an_array_of_few_columns_is_taken_column_by_column() -> None:
    table = encode_features(np.arange(12).reshape(6, 2) % 4)
    assert table.names == ("column 0", "column 1")


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([1] * N, "constant: all rows are 'x = 1'"),
        ([np.nan] * N, "constant: all rows are 'x is missing'"),
        ([f"u{i:05}" for i in range(N)], "an identifier: 400 different values in 400 rows"),
        (list(range(N)), "an identifier: 400 different whole numbers in 400 rows"),
        ([{"a": 1}] * N, "cells that cannot be compared (dict)"),
        ([[{"a": 1}]] * N, "lists of entries that cannot be compared"),
    ],
)
def test_what_makes_no_slices_is_left_out_with_the_reason(values: list[object], expected: str) -> None:
    assert reason(values) == expected


def test_ten_thousand_level_ids_are_left_out() -> None:
    ids = np.random.default_rng(0).integers(0, 10_000, 50_000).astype(str)
    assert reason(ids).startswith("an identifier: 9,9")
    assert reason(ids.astype(int)).startswith("an identifier: 9,9")
    assert reason(np.char.add("u", ids)).startswith("an identifier: 9,9")
    assert reason(np.arange(N) // 4 * 17, "user_id") == "an identifier: 100 different whole numbers in 400 rows"


def test_the_same_frame_gives_the_same_codes() -> None:
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"v": [rng.normal(size=9) for _ in range(N)], "n": rng.random(N)})
    first, second = encode_features(frame), encode_features(frame.copy())
    assert (first.codes == second.codes).all()
    assert first.levels == second.levels


@pytest.mark.parametrize(
    ("features", "message"),
    [
        (pd.DataFrame(), "features has 0 rows and 0 columns"),
        (np.arange(5), "features is ndarray of shape (5,), not a table of rows and columns"),
        ([[1, 2], [3]], "features is list of shape (0,), not a table of rows and columns"),
        (3, "features is int of shape (), not a table of rows and columns"),
    ],
)
def test_what_is_no_table_is_refused(features: object, message: str) -> None:
    with pytest.raises(ParameterError) as caught:
        encode_features(features)
    assert caught.value.problem.what == message


def test_labels_of_another_length_are_refused() -> None:
    with pytest.raises(ParameterError, match="labels has 2 entries for 3 rows"):
        encode_features(np.eye(3), labels=["a", "b"])


def test_dates_of_several_time_zones_and_periods_are_dates() -> None:
    hours = [pd.Timedelta(hours=i) for i in range(2_000)]
    zones = ["UTC", "Europe/Berlin"]
    mixed = [pd.Timestamp("2024-01-01", tz=zones[i % 2]) + h for i, h in enumerate(hours)]
    days = pd.period_range("2000-01", periods=2_000, freq="D")
    names = encode_features(pd.DataFrame({"at": mixed, "day": days})).names
    assert names == ("at", "weekday of at", "time of day of at", "day", "weekday of day")


def test_a_number_that_never_changes_is_said_to_be_constant() -> None:
    table = encode_features(pd.DataFrame({"half": [0.5] * 10, "far": [np.inf] * 10}))
    assert [reason for _, reason in table.left_out] == [
        "constant: all rows are 'half = 0.5'",
        "constant: all rows are 'far = inf'",
    ]


@pytest.mark.parametrize(
    ("dates", "reason"),
    [
        (pd.to_datetime([None] * 40), "no date is known"),
        (pd.to_datetime(["2026-01-01 10:05", "2026-01-01 10:06"] * 20), "constant: all dates are nearly the same"),
    ],
)
def test_dates_that_make_no_levels_are_named(dates, reason) -> None:
    table = encode_features(pd.DataFrame({"when": dates, "c": ["a", "b"] * 20}))
    assert table.names == ("c",)
    assert table.left_out == (("when", reason),)


def test_values_that_begin_alike_have_texts_of_their_own() -> None:
    values = ["a value that is longer than a cell can show: 1", "a value that is longer than a cell can show: 2"]
    levels = encode_features(pd.DataFrame({"c": pd.Categorical(values * 40)})).levels[0]
    assert levels == tuple(f"c = {v}" for v in values)
    mixed = encode_features(pd.DataFrame({"c": pd.Series([1, "1", True] * 40, dtype=object)})).levels[0]
    assert len(set(mixed)) == len(mixed)
