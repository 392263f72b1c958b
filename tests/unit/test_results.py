"""What every result keeps: arrays that cannot be changed, tables without nan."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest

from labelqa.results import Result, as_html


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class Numbers(Result):
    """A result of one array and one table."""

    values: npt.NDArray[np.float64]
    frame: pd.DataFrame

    def to_frame(self):
        return self.frame

    def summary(self):
        return ["numbers", "  next: .values"]


def numbers(**columns):
    return Numbers(values=np.arange(3.0), frame=pd.DataFrame(columns))


def test_arrays_of_a_result_cannot_be_written_to():
    with pytest.raises(ValueError, match="read-only"):
        numbers().values[0] = 7
    with pytest.raises(ValueError, match="read-only"):
        replace(numbers(), frame=pd.DataFrame()).values[0] = 7


def test_the_array_of_a_caller_stays_writable_and_is_not_copied():
    own = np.arange(3.0)
    result = Numbers(values=own, frame=pd.DataFrame())
    own[0] = 7
    assert result.values[0] == 7


def test_what_is_missing_is_an_empty_cell():
    missing = {"a": [0.5, np.nan], "b": ["x", None], "c": [pd.NaT, pd.Timestamp("2024-05-01")]}
    text = numbers(**missing, d=pd.array([1, None], dtype="Int64"))._repr_html_()
    assert not any(word in text for word in ("NaN", "None", "NaT", "&lt;NA&gt;", "<NA>"))
    assert "<td></td>" in text


def test_names_that_look_missing_are_shown():
    text = as_html(pd.DataFrame({"class": ["None", "NaN", "null"]}))
    assert all(f"<td>{name}</td>" in text for name in ("None", "NaN", "null"))


def test_columns_of_one_name_are_all_shown():
    assert as_html(pd.DataFrame([[None, "x"]], columns=["a", "a"])).count("<th>a</th>") == 2
