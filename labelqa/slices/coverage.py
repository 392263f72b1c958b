"""Which combinations of conditions are missing or thin, and what could hide there."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, product

import numpy as np
import numpy.typing as npt
import pandas as pd

from labelqa.errors import ColumnError, ParameterError, Problem, check_between, check_kind, check_whole
from labelqa.inference.adjustment import holm
from labelqa.results import Result, as_percent
from labelqa.slices.features import FeatureTable, encode_features
from labelqa.slices.matching import absent_notes, has_value
from labelqa.slices.rowwise import frame_of
from labelqa.text import counted, shortened

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]
COLUMNS = (
    "combination",
    "n",
    "share",
    "share_high",
    "expected",
    "hidden_rate",
    "status",
    "n_more",
    "p_value",
    "p_adjusted",
)
LEAST = 30  # rows from which a rate can be told at all
MOST_ROWS = 10_000  # combinations that can be declared
LEVEL = 0.95


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class SliceCoverage(Result):
    """How well combinations of conditions are covered, thinnest first.

    Attributes
    ----------
    n_rows : int
        Rows.
    least : int
        Rows wanted of each combination.
    declared : bool
        Whether the combinations were declared; else those with far fewer rows than their conditions make expect.
    left_out : tuple of (str, str)
        Columns that make no conditions, with the reason; none where combinations were declared.
    frame : pandas.DataFrame
        Columns: combination (in words); n (rows); share of all rows with its 95 % upper bound share_high (3 / rows
        where there are none); expected (rows if the conditions were independent); hidden_rate (the highest error rate
        that n rows without an error leave possible: about 3 / n); status (missing | thin | covered); n_more (rows to
        reach `least`); p_value and p_adjusted of having so few rows by chance (nan where declared: those count whatever
        the reason).
    notes : tuple of str
        What may mislead: values that matter and occur nowhere, perhaps as they are spelled otherwise; too few rows.
    """

    n_rows: int
    least: int
    declared: bool
    left_out: tuple[tuple[str, str], ...]
    frame: pd.DataFrame
    notes: tuple[str, ...]

    def to_frame(self) -> pd.DataFrame:
        """Return one row a combination, thinnest first."""
        return self.frame.copy()

    def summary(self) -> list[str]:
        """Return how many combinations are missing or thin, and which."""
        status = self.frame["status"].value_counts()
        missing, thin = int(status.get("missing", 0)), int(status.get("thin", 0))
        kind = "declared" if self.declared else "with far fewer rows than expected"
        status_text = f"{missing:,} missing, {thin:,} thin (below {self.least:,} rows)"
        head = f"{counted(len(self.frame), 'combination')} {kind}: {status_text}"
        lines = [
            f"  {r['combination']}: {counted(r['n'], 'row')}; errors up to {as_percent(r['hidden_rate'])} could hide"
            for r in self.frame[self.frame["status"] != "covered"].head(3).to_dict("records")
        ]
        lines = lines or ["  all are covered" if self.declared else "  no pair is rarer than chance explains"]
        lines = [*lines[: 3 - bool(self.notes)], *(f"  ! {note}" for note in self.notes[:1])]
        if self.left_out:
            names = ", ".join(f"{name} ({reason})" for name, reason in self.left_out)
            lines.append(f"  left out: {shortened(names, 100)}")
        return [head, *lines, "  next: .to_frame(); n_more says how many rows to collect"]


def slice_coverage(
    features: object,
    *,
    important: Mapping[str, Sequence[object]] | None = None,
    least: int = LEAST,
    alpha: float = 0.05,
) -> SliceCoverage:
    """Conditions whose combination is missing or thin, with rule-of-three bounds.

    Parameters
    ----------
    features : DataFrame or whatever :func:`encode_features` takes
        One row an item.
    important : mapping of column to values, optional
        Values that matter, compared by what the column holds ("1" is the number 1, "true" is True, "2024-01-01" a day):
        every combination of them is counted, present in the data or not. By default,
        pairs of conditions are reported that have significantly fewer rows than if they were independent, where
        independence would give at least `least`; not of conditions on one date or text, which exclude each other by
        their meaning, but for two words of it.
    least : int
        Rows wanted of each combination.
    alpha : float
        Probability of reporting any pair where all are independent (Holm over all pairs).

    Returns
    -------
    SliceCoverage
        One row a combination, thinnest first.

    Raises
    ------
    ColumnError
        If an important column does not exist.
    ParameterError
        If `important` makes more than 10,000 combinations, or a parameter is out of range.

    References
    ----------
    Hanley, J. A. & Lippman-Hand, A. (1983). If nothing goes wrong, is everything all right? JAMA 249, 1743-1745.
    Clopper, C. J. & Pearson, E. S. (1934). The use of confidence or fiducial limits. Biometrika 26, 404-413.

    Examples
    --------
    >>> rows = pd.DataFrame({"noise": ["car", "cafe", "car"] * 20, "sex": ["f", "m", "f"] * 20})
    >>> found = slice_coverage(rows, important={"noise": ["car", "cafe"], "sex": ["f", "m"]})
    >>> found.to_frame()[["combination", "n", "status"]].values.tolist()[0]
    ['noise = car and sex = m', 0, 'missing']
    """
    check_whole("least", least, 1, what="is not a number of rows", usual=str(LEAST))
    check_between("alpha", alpha, 0, 1, what="a probability", example="0.05")
    notes: tuple[str, ...]
    if important is None:
        table = encode_features(features)
        n, left_out = len(table), table.left_out
        frame, n_compared = _thin_pairs(table, least, alpha)
        notes = () if n_compared else (f"{counted(n, 'row')}: too few for any pair to be expected {least:,} times",)
    else:
        given = frame_of(features, "features", "important= names its columns.")
        n, frame, left_out, n_compared = len(given), _declared(given, important), (), 0
        notes = absent_notes(given, {c: _distinct(c, v) for c, v in important.items()})
    done = _described(frame, n, least).sort_values(["n", "expected"], ascending=[True, False], kind="stable")
    return SliceCoverage(
        n_rows=n,
        least=least,
        declared=important is not None,
        left_out=left_out,
        frame=done.reset_index(drop=True),
        notes=notes,
    )


def _described(frame: pd.DataFrame, n_rows: int, least: int) -> pd.DataFrame:
    """Add shares, bounds and status to combination, n, expected and p values."""
    n = frame["n"].to_numpy(dtype=np.float64)
    status = np.where(n == 0, "missing", np.where(n < least, "thin", "covered"))
    return frame.assign(
        share=n / n_rows,
        share_high=_upper_bound(n, np.full(n.size, float(n_rows))),
        hidden_rate=_upper_bound(np.zeros(n.size), n),
        status=status.astype(object),
        n_more=np.maximum(least - n, 0).astype(np.int64),
    )[list(COLUMNS)]


def _upper_bound(hits: Floats, n: Floats) -> Floats:
    """Return the one-sided 95 % upper bound of a share (Clopper-Pearson); for no hits about 3 / n."""
    from scipy.special import betaincinv

    rest = np.maximum(n - hits, 1e-9)
    return np.asarray(np.where(hits >= n, 1.0, betaincinv(hits + 1, rest, LEVEL)))


def _declared(frame: pd.DataFrame, important: Mapping[str, Sequence[object]]) -> pd.DataFrame:
    check_kind(
        "important", important, Mapping, allowed="a mapping of columns to values", next_step='{"noise": ["car"]}'
    )
    known = tuple(str(c) for c in frame.columns)
    missing = [Problem(what=f"there is no column {c!r}", value=c, allowed=known) for c in important if c not in frame]
    missing += [
        Problem(what=f"several columns are called {c!r}", value=c, next_step="Rename them.")
        for c in important
        if list(frame.columns).count(c) > 1
    ]
    if missing:
        raise ColumnError(missing)
    if not len(frame):
        raise ParameterError(Problem(what="features has no rows", parameter="features", next_step="Pass some."))
    values = {c: _distinct(c, v) for c, v in important.items()}
    n_combinations = math.prod(len(v) for v in values.values())
    if not 1 <= n_combinations <= MOST_ROWS or not values:
        what = f"important makes {n_combinations if values else 0:,} combinations"
        raise ParameterError(Problem(what=what, parameter="important", allowed=(f"1 to {MOST_ROWS:,}",)))
    codes = [_meeting(frame[c], values[c]) for c in values]
    rows = [_combination(codes, levels, values) for levels in product(*(range(len(v)) for v in values.values()))]
    return pd.DataFrame(rows).assign(p_value=math.nan, p_adjusted=math.nan)


def _distinct(column: str, levels: object) -> list[object]:
    """Return the values of a column that matter, each once."""
    if isinstance(levels, str) or not isinstance(levels, Iterable):
        step = f'A list, as {{"{column}": ["car", "cafe"]}}.'
        raise ParameterError(
            Problem(what=f"important[{column!r}] is {levels!r}, not a list", parameter="important", next_step=step)
        )
    try:
        return list(dict.fromkeys(levels))
    except TypeError:
        what = f"important[{column!r}] holds what cannot be compared, such as lists"
        raise ParameterError(Problem(what=what, parameter="important", next_step="Pass single values.")) from None


def _meeting(column: pd.Series, levels: list[object]) -> list[Mask]:
    """Return the rows that have each of the levels."""
    try:
        return [has_value(column, level) for level in levels]
    except TypeError:
        what = f"column {column.name!r} holds cells that cannot be compared, such as lists"
        raise ColumnError(Problem(what=what, parameter="important", next_step="Name columns of categories.")) from None


def _combination(codes: list[list[Mask]], levels: Iterable[int], values: dict[str, list[object]]) -> dict[str, object]:
    each = [masks[level] for masks, level in zip(codes, levels, strict=True)]
    named = [(c, values[c][v]) for c, v in zip(values, levels, strict=True)]
    text = " and ".join(f"{c} is missing" if pd.isna(v) else f"{c} = {v}" for c, v in named)  # type: ignore[call-overload]
    expected = float(np.prod([m.mean() for m in each]) * len(each[0]))
    return {"combination": text, "n": int(np.logical_and.reduce(each).sum()), "expected": expected}


def _thin_pairs(table: FeatureTable, least: int, alpha: float) -> tuple[pd.DataFrame, int]:
    """Return pairs of conditions with fewer rows than independence gives, beyond chance (Fisher, Holm), of how many."""
    from scipy.stats import hypergeom

    n = len(table)
    found: list[tuple[str, int, float, float]] = []
    for a, b in combinations(range(len(table.names)), 2):
        if _exclude_each_other(table, a, b):
            continue
        shape = len(table.levels[a]), len(table.levels[b])
        joint = np.bincount(table.codes[:, a] * shape[1] + table.codes[:, b], minlength=shape[0] * shape[1])
        joint = joint.reshape(shape)
        rows, columns = joint.sum(axis=1), joint.sum(axis=0)
        expected = np.outer(rows, columns) / n
        at = np.argwhere(expected >= least)
        p_values = hypergeom.cdf(joint[*at.T], n, rows[at[:, 0]], columns[at[:, 1]])
        texts = [f"{table.levels[a][i]} and {table.levels[b][j]}" for i, j in at.tolist()]
        found += zip(texts, joint[*at.T].tolist(), expected[*at.T].tolist(), p_values.tolist(), strict=True)
    frame = pd.DataFrame(found, columns=["combination", "n", "expected", "p_value"])
    frame["p_adjusted"] = holm(frame["p_value"].to_numpy(dtype=np.float64))
    return frame[(frame["p_adjusted"] <= alpha) & (frame["n"] < frame["expected"] / 2)], len(frame)


def _exclude_each_other(table: FeatureTable, a: int, b: int) -> bool:
    """Whether both are made of one column, as a date and its weekday, and not words of it that may stand together."""
    words = [bool(table.absent) and table.absent[j] >= 0 for j in (a, b)]
    return bool(table.sources) and table.sources[a] == table.sources[b] and not all(words)
