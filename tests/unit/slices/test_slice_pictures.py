"""Two columns crossed, and slices taken apart: numbers, words and pictures."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import labelqa as lq
from labelqa.errors import ParameterError
from labelqa.inference.proportions import wilson

N = 1200


def rows() -> pd.DataFrame:
    """Return rows whose region "islands" is rare."""
    rng = np.random.default_rng(5)
    return pd.DataFrame(
        {
            "channel": rng.choice(["chat", "mail", "phone"], N),
            "region": rng.choice(["north", "south", "islands"], N, p=[0.55, 0.43, 0.02]),
            "plan": rng.choice(["free", "team"], N),
            "age": rng.integers(18, 80, N),
        }
    )


def wrong(where: np.ndarray, rate: float = 0.5, base: float = 0.08) -> np.ndarray:
    return (np.random.default_rng(6).random(N) < np.where(where, rate, base)).astype(float)


@pytest.fixture(scope="module")
def pair():
    """Return a table with one slice of two conditions."""
    data = rows()
    return lq.find_slices(data, wrong(((data["channel"] == "chat") & (data["region"] == "south")).to_numpy()))


def test_cells_are_those_of_the_strongest_pair_with_wilson_intervals(pair):
    crossed = pair.cells()
    assert {crossed.column_a, crossed.column_b} == {"channel", "region"}
    frame = crossed.to_frame().set_index(["level_a", "level_b"])
    names = ("channel = chat", "region = south")
    cell = frame.loc[names if names in frame.index else names[::-1]]
    data = rows()
    inside = (data["channel"] == "chat") & (data["region"] == "south")
    hits = wrong(inside.to_numpy())[inside].sum()
    share, low, high = wilson(np.array([hits]), np.array([float(inside.sum())]), 0.95)
    assert (cell["n"], cell["rate"]) == (inside.sum(), pytest.approx(share[0]))
    assert (cell["low"], cell["high"]) == (pytest.approx(low[0]), pytest.approx(high[0]))
    assert len(frame) == 9
    assert frame["n"].sum() == N


def test_cells_with_under_thirty_rows_are_marked_and_drawn_without_colour(pair):
    crossed = pair.cells("region", "channel")
    rare = crossed.frame["level_a"] == "region = islands"
    assert crossed.frame["few"].tolist() == rare.tolist()
    chart = pair.heat_map("region", "channel").to_dict()
    coloured, dashed = chart["layer"][:2]
    assert coloured["transform"] == [{"filter": "!datum.uncertain"}]
    assert dashed["mark"]["strokeDash"]
    assert dashed["mark"]["filled"] is False
    (data,) = chart["datasets"].values()
    assert {d["label"][-1] for d in data if d["uncertain"]} == {"?"}
    shown = {t["field"] for t in coloured["encoding"]["tooltip"]}
    assert {"n", "low", "high", "value"} <= shown


def test_the_first_column_goes_down_and_names_lose_what_the_axis_says(pair):
    chart = pair.heat_map("age", "plan").to_dict()
    assert chart["layer"][0]["encoding"]["y"]["title"] == "age"
    (data,) = chart["datasets"].values()
    assert {d["column"] for d in data} == {"free", "team"}
    assert all("age" not in d["row"] for d in data)


def test_with_one_column_named_the_other_makes_the_worst_cell(pair):
    assert pair.cells("channel").column_b == "region"
    assert pair.cells(column_b="channel").column_a == "region"


def test_nothing_found_can_still_be_crossed():
    found = lq.find_slices(rows(), wrong(np.zeros(N, dtype=bool)))
    assert not len(found)
    assert len(found.cells().frame)
    assert "next: .to_frame(), .plot()" in repr(found.cells())


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        (("chanel", None), "did you mean 'channel'?"),
        (("channel", "channel"), "column 'channel' is given twice"),
    ],
)
def test_columns_that_cannot_be_crossed_are_one_clear_message(pair, columns, words):
    with pytest.raises(ParameterError, match=words.replace("?", r"\?")):
        pair.heat_map(*columns)


def test_one_column_makes_no_heat_map():
    found = lq.find_slices(rows()[["channel"]], wrong(np.zeros(N, dtype=bool)))
    assert len(found.columns) < 2
    with pytest.raises(ParameterError, match="needs two columns, and 1 was searched"):
        found.heat_map()


def test_the_groups_of_a_pair_are_all_rows_each_once(pair):
    detail = pair.detail(0)
    frame = detail.to_frame()
    assert frame["part"].tolist()[:5] == ["slice", "without", "without", "none", "rest"]
    groups = frame[frame["part"].isin(["slice", "without", "none"])]
    assert groups["n"].sum() == N
    assert frame.loc[frame["part"] == "rest", "n"].item() == N - pair.frame["size"].item()
    assert frame["rate"].iloc[0] == pytest.approx(pair.frame["rate"].item())
    assert frame.loc[frame["part"] == "rest", "rate"].item() == pytest.approx(pair.frame["rest_rate"].item())


def test_a_planted_combination_is_said_to_be_one(pair):
    assert "the combination matters" in pair.detail(0).reading
    assert "the combination matters" in repr(pair.detail(0))


def test_levels_beside_keep_the_order_of_the_conditions(pair):
    frame = pair.detail(0).frame
    beside = frame.loc[frame["part"] == "beside", "predicates"].tolist()
    assert "channel = mail and region = south" in beside
    assert "channel = chat and region = north" in beside
    assert bool(frame.set_index("predicates").loc["channel = chat and region = islands", "few"])


def test_a_condition_that_is_enough_is_said_to_be():
    data = rows()
    chat, south = (data["channel"] == "chat").to_numpy(), (data["region"] == "south").to_numpy()
    error = np.where(chat & south, 0.9, np.where(chat, 0.6, 0.05))
    found = lq.find_slices(
        data[["channel", "region"]], (np.random.default_rng(1).random(N) < error).astype(float), max_predicates=2
    )
    at = next((i for i, p in enumerate(found.frame["predicates"]) if " and " in p), None)
    assert at is not None
    assert "is enough for most of it: channel = chat, but not region = south" in found.detail(at).reading


def test_three_conditions_have_seven_groups_beside_the_slice():
    data = rows()
    where = (data["channel"] == "chat") & (data["region"] == "south") & (data["plan"] == "free")
    found = lq.find_slices(data[["channel", "region", "plan"]], wrong(where.to_numpy(), 0.8))
    assert found.frame["predicates"].iloc[0].count(" and ") == 2
    frame = found.detail(0).frame
    assert (frame["part"] == "without").sum() == 6
    assert frame.loc[frame["part"].isin(["slice", "without", "none"]), "n"].sum() == N


def test_one_condition_is_compared_with_other_levels_of_its_column():
    data = rows()
    found = lq.find_slices(data, wrong((data["channel"] == "chat").to_numpy()))
    detail = found.detail(0)
    assert detail.frame["part"].tolist() == ["slice", "rest", "beside", "beside"]
    assert "2 other levels" in detail.reading


def test_ones_own_slice_has_no_conditions_to_take_apart():
    data = rows()
    where = ((data["channel"] == "chat") & (data["age"] % 2 == 0)).to_numpy()
    found = lq.find_slices(data[["plan", "region"]], wrong(where), slices={"odd chat": where})
    assert found.frame["predicates"].tolist() == ["odd chat"]
    assert "a slice of your own" in found.detail(0).reading
    assert found.cells().column_a in ("plan", "region")


def test_groups_widen_the_intervals():
    data = rows().iloc[::4].loc[lambda d: d.index.repeat(4)].reset_index(drop=True)
    where = (data["channel"] == "chat").to_numpy()
    error = np.repeat(wrong(where)[::4], 4)
    alone = lq.find_slices(data, error).detail(0).frame.iloc[0]
    found = lq.find_slices(data, error, groups=np.arange(N) // 4)
    kept = found.detail(0).frame.iloc[0]
    assert kept["high"] - kept["low"] > 1.5 * (alone["high"] - alone["low"])


def test_losses_have_t_intervals_and_numbers():
    data = rows()
    where = (data["channel"] == "chat") & (data["region"] == "south")
    loss = np.random.default_rng(3).normal(size=N) ** 2 + 4.0 * where.to_numpy()
    found = lq.find_slices(data, loss)
    row = found.detail(0).frame.iloc[0]
    values = loss[found.mask(0)]
    half = 1.96 * values.std(ddof=1) / np.sqrt(values.size)
    assert row["high"] - row["rate"] == pytest.approx(half, rel=0.02)
    assert not found.detail(0).percent
    assert found.heat_map().to_dict()["layer"]
    assert found.detail(0).plot().to_dict()["layer"]


def test_the_slice_is_drawn_apart_and_few_rows_are_hollow(pair):
    chart = pair.detail(0).plot().to_dict()
    data = next(d for d in chart["datasets"].values() if len(d) > 1)
    assert len({d["colour"] for d in data}) == 2
    assert data[0]["colour"] != data[1]["colour"]
    assert any(d["hollow"] for d in data)
    assert not data[0]["hollow"]


def test_results_can_be_written_as_json(pair):
    assert "_held" not in pair.to_dict()
    assert pair.detail(0).to_dict()["type"] == "SliceDetail"
    assert pair.cells().to_dict()["type"] == "SliceCells"


def test_no_slice_no_detail(pair):
    with pytest.raises(ParameterError, match="there is no slice 7"):
        pair.detail(7)


def test_shares_of_label_pairs_are_written_in_percent_wherever_they_are_shown():
    rng, n = np.random.default_rng(2), 300
    frame = pd.DataFrame(
        {"item": range(n), "channel": rng.choice(["chat", "mail"], n), "day": rng.choice(["a", "b"], n)}
    )
    for who in ("ana", "ben", "cem"):  # three people: a third of the pairs of an item may split
        frame[who] = np.where((rng.random(n) < 0.5) & (frame["channel"] == "chat"), "y", "x")
    found = lq.disagreement_slices(lq.Annotations.from_wide(frame, item="item", annotators=["ana", "ben", "cem"]))
    assert not found.shares
    assert found.percent
    for shown in (found.summary()[1], found.cells("channel", "day").summary()[1], repr(found.detail(0))):
        assert "%" in shown
