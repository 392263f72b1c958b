"""Values of rows are matched to features by name where both have names, and tables of other libraries are taken."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_array

import labelqa as lq
from labelqa.errors import ParameterError
from labelqa.slices.rowwise import in_order_of

N = 600


def rows(seed: int = 0) -> tuple[pd.DataFrame, pd.Series]:
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {"channel": rng.choice(["chat", "mail"], N), "size": rng.integers(0, 90, N)}, index=[f"r{i}" for i in range(N)]
    )
    error = (rng.random(N) < np.where(frame["channel"] == "chat", 0.5, 0.1)).astype(int)
    return frame, pd.Series(error, index=frame.index)


def turned(values: pd.Series) -> pd.Series:
    return values.sample(frac=1, random_state=1)


def test_a_series_in_another_order_is_matched_by_its_index():
    frame, error = rows()
    groups = pd.Series(np.arange(N) // 2, index=frame.index)
    mine = {"chats": frame["channel"] == "chat"}
    plain = lq.find_slices(frame, error, groups=groups, slices=mine)
    other = lq.find_slices(frame, turned(error), groups=turned(groups), slices={"chats": turned(mine["chats"])})
    pd.testing.assert_frame_equal(plain.frame, other.frame)
    pd.testing.assert_frame_equal(plain.named, other.named)


def test_arrays_go_by_position():
    frame, error = rows()
    by_position = lq.find_slices(frame, error.to_numpy())
    pd.testing.assert_frame_equal(by_position.frame, lq.find_slices(frame.reset_index(drop=True), error.tolist()).frame)


@pytest.mark.parametrize(
    "options",
    [
        {"error": lambda e: e.set_axis(range(N))},
        {"error": lambda e: e.set_axis(["r0"] * N)},
        {"groups": lambda e: e.set_axis(range(N))},
        {"slices": lambda e: {"mine": e.set_axis(range(N)) > 0}},
    ],
)
def test_indexes_of_other_rows_are_one_clear_message(options):
    frame, error = rows()
    call = {"error": error, **{name: make(error) for name, make in options.items()}}
    with pytest.raises(ParameterError, match=r"the indexes of .* and features differ .*to_numpy") as caught:
        lq.find_slices(frame, **call)
    assert "\n" not in str(caught.value)


def test_equal_indexes_that_repeat_names_are_taken_as_they_are():
    twice = pd.Index(["a", "a"])
    assert in_order_of(twice, pd.Series([1, 2], index=["a", "a"]), "error", "features").tolist() == [1, 2]
    with pytest.raises(ParameterError, match="some names occur twice"):
        in_order_of(pd.Index(["a", "a", "b"]), pd.Series([1, 2, 3], index=["a", "b", "a"]), "error", "features")


def test_errors_of_batches_are_matched_too():
    frame, error = rows()
    before, after = frame.iloc[:300], frame.iloc[300:]
    errors = error.iloc[:300], error.iloc[300:] * 0
    plain = lq.slice_drift(before, after, error=errors)
    other = lq.slice_drift(before, after, error=(turned(errors[0]), turned(errors[1])))
    pd.testing.assert_frame_equal(plain.frame, other.frame)
    with pytest.raises(ParameterError, match=r"the indexes of error\[1\] and after differ"):
        lq.slice_drift(before, after, error=(errors[0], errors[0]))


def test_items_that_people_disagree_on_match_groups_by_name():
    names = [f"i{i}" for i in range(200)]
    split = np.arange(200) % 2 == 0
    wide = pd.DataFrame({"item": names, "ann": "x", "ben": np.where(split, "y", "x")})
    wide["noise"] = np.where(split ^ (np.arange(200) % 9 == 0), "car", "cafe")
    both = lq.Annotations.from_frame(
        wide.melt(["item", "noise"], var_name="who", value_name="label"), item="item", annotator="who", label="label"
    )
    mine = pd.Series(np.arange(200) < 50, index=names)
    plain = lq.disagreement_slices(both, slices={"first": mine})
    other = lq.disagreement_slices(both, slices={"first": turned(mine)})
    pd.testing.assert_frame_equal(plain.named, other.named)
    by_place = lq.disagreement_slices(both, groups=pd.Series(np.arange(200) // 2))
    assert by_place.n_rows == 200


@pytest.mark.parametrize("kind", ["polars", "lazy", "pyarrow"])
def test_tables_of_other_libraries_are_taken(kind):
    pl = pytest.importorskip("polars")
    frame, error = rows()
    frame = frame.assign(label="x", predicted=np.where(error, "y", "x")).reset_index(drop=True)
    table = pl.from_pandas(frame)
    made = {"polars": table, "lazy": table.lazy(), "pyarrow": table.to_arrow()}[kind]
    some = {"polars": table[["channel", "size"]], "lazy": table.lazy().select("channel", "size")}
    features = some.get(kind, table[["channel", "size"]].to_arrow())
    assert lq.find_slices(features, error.to_numpy()).frame["predicates"].tolist() == ["channel = chat"]
    assert lq.slice_metrics(made, by="channel").frame["n"].tolist()[0] == N
    assert lq.slice_coverage(made, important={"channel": ["chat", "fax"]}).frame["n"].tolist()[0] == 0
    assert len(lq.slice_drift(features, features).frame) == 0


def test_what_is_no_table_is_one_clear_message():
    with pytest.raises(ParameterError, match=r"features is a sparse matrix \(csr_array\). Pass features.toarray\(\)"):
        lq.find_slices(csr_array(np.eye(20)), np.arange(20) % 2)
    with pytest.raises(ParameterError, match="frame is a list, not a table"):
        lq.slice_metrics([1], by="channel")


def test_missing_groups_are_said_or_refused():
    frame, error = rows()
    with pytest.raises(ParameterError, match="groups is missing in all 600 rows"):
        lq.find_slices(frame, error, groups=[None] * N)
    found = lq.find_slices(frame, error, groups=[None, *range(1, N)])
    assert found.notes == ("1 row has no group: each counts as a group of its own",)
    assert "! 1 row has no group" in repr(found)
