"""What reviewers said of labels, read from a mapping, a Series or a table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

import numpy as np
import numpy.typing as npt
import pandas as pd

from labelqa.errors import ParameterError, Problem, check_kind, shorten
from labelqa.text import counted

if TYPE_CHECKING:
    from labelqa.annotations.schema import LabelSchema
    from labelqa.label_issues.result import LabelIssues

Codes = npt.NDArray[np.int32]
RIGHT, WRONG, UNSURE = 0, 1, 2
WORDS = {"right": RIGHT, "false": RIGHT, "wrong": WRONG, "true": WRONG, "unsure": UNSURE}
WORDS |= {"right label": RIGHT, "wrong label": WRONG}  # where right or wrong is the name of a class
SPOKEN = ("wrong", "right", "unsure", "True (the label is wrong)", "False (it is right)")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Verdicts:
    """Verdicts on j labels.

    Attributes
    ----------
    rows : int (j,)
        Places of the labels.
    said : int32 (j,)
        RIGHT, WRONG or UNSURE.
    classes : int32 (j,)
        Class that the reviewer named, -1 where none.
    reviewers : object (j,)
        Who said it, None where unknown.
    strata : int32 (j,) or None
        Stratum of rows that the table itself says were drawn, 0 for others; None for what is no table of a sample.
    """

    rows: npt.NDArray[np.intp]
    said: Codes
    classes: Codes
    reviewers: npt.NDArray[np.object_]
    strata: Codes | None

    def over(self, n: int) -> Codes:
        """Return what was said of all `n` labels, int32 (n,), -1 where nothing."""
        out = np.full(n, -1, dtype=np.int32)
        out[self.rows] = self.said
        return out


def read_verdicts(issues: LabelIssues, verdicts: object) -> Verdicts:
    """Return `verdicts` by row; a missing verdict (None, nan, empty text) is none.

    Raises
    ------
    ParameterError
        For unknown or repeated items and verdicts that are neither a word nor a class, all in one message.
    """
    table = _table(verdicts)
    spoken = ~np.array([_is_missing(v) for v in table["verdict"]], dtype=bool)
    table = table[spoken]
    items = table["item"].tolist()
    rows = _places(items, issues.items)
    read = [_read(value, issues.schema) for value in table["verdict"]]
    problems = [*_item_problems(items, rows, issues), *_word_problems(table, read, issues.schema)]
    if problems:
        raise ParameterError(problems)
    said = np.array([r[0] for r in read if r is not None], dtype=np.int32)
    classes = np.array([r[1] for r in read if r is not None], dtype=np.int32)
    named = classes >= 0
    said[named] = np.where(classes[named] == issues.given[rows[named]], RIGHT, WRONG)
    return Verdicts(
        rows=rows,
        said=said,
        classes=classes,
        reviewers=_reviewers(table),
        strata=_strata(table),
    )


def _table(verdicts: object) -> pd.DataFrame:
    """Return columns item and verdict, and stratum and reviewer where they were passed."""
    if isinstance(verdicts, Mapping):
        return pd.DataFrame({"item": _objects(list(verdicts)), "verdict": _objects(list(verdicts.values()))})
    if isinstance(verdicts, pd.Series):
        return pd.DataFrame({"item": _objects(verdicts.index.tolist()), "verdict": _objects(verdicts.tolist())})
    kinds = "a mapping from item to verdict, a Series or a DataFrame"
    check_kind("verdicts", verdicts, pd.DataFrame, allowed=kinds, next_step="Pass {item: verdict}, for example.")
    table = cast("pd.DataFrame", verdicts)
    lost = [name for name in ("item", "verdict") if name not in table.columns]
    if lost:
        what = f"verdicts has no column {' and no column '.join(lost)}, only {shorten(table.columns, 5)}"
        raise ParameterError(Problem(what=what, parameter="verdicts", next_step="Name the columns item and verdict."))
    kept = [name for name in ("item", "verdict", "stratum", "reviewer") if name in table.columns]
    return table[kept].reset_index(drop=True)


def _places(items: list[object], names: pd.Index) -> npt.NDArray[np.intp]:
    """Return the row of each item, -1 where there is none; items that came back from a file are known by spelling."""
    rows = np.asarray(names.get_indexer(pd.Index(items, dtype=object, tupleize_cols=False)), dtype=np.intp)
    lost = np.flatnonzero(rows < 0)
    if lost.size:
        spelled = pd.Index([str(name) for name in names])
        if spelled.is_unique:
            rows[lost] = spelled.get_indexer(pd.Index([str(items[i]) for i in lost]))
    return rows


def _objects(values: list[object]) -> npt.NDArray[np.object_]:
    out = np.empty(len(values), dtype=object)
    out[:] = values
    return out


def _is_missing(value: object) -> bool:
    return value is None or value is pd.NA or value != value or (isinstance(value, str) and not value.strip())


def _read(value: object, schema: LabelSchema) -> tuple[int, int] | None:
    """Return what a verdict says and the class it names (-1 for none); None for what is neither, or both."""
    word = WORDS.get(str(value).strip().casefold()) if isinstance(value, str | bool | np.bool_) else None
    if word is None:
        at = schema.index_of(_plain(value))
        return None if at is None else (WRONG, at)
    return None if _as_class(value, schema) is not None else (word, -1)


def _as_class(value: object, schema: LabelSchema) -> int | None:
    """Return the class that a verdict word is spelled like; True and False are never spelled like 1 and 0."""
    spelled = str(value).strip().casefold()
    return next((at for at, name in enumerate(schema.names) if name.casefold() == spelled), None)


def _plain(value: object) -> object:
    plain = value.item() if isinstance(value, np.generic) else value
    return int(plain) if isinstance(plain, float) and plain.is_integer() else plain


def _reviewers(table: pd.DataFrame) -> npt.NDArray[np.object_]:
    if "reviewer" not in table:
        return np.full(len(table), None, dtype=object)
    return _objects([None if _is_missing(who) else who for who in table["reviewer"].tolist()])


def _strata(table: pd.DataFrame) -> Codes | None:
    if "stratum" not in table:
        return None
    return pd.to_numeric(table["stratum"], errors="coerce").fillna(0).to_numpy(dtype=np.int32)


def _item_problems(items: list[object], rows: npt.NDArray[np.intp], issues: LabelIssues) -> list[Problem]:
    unknown = [item for item, row in zip(items, rows, strict=True) if row < 0]
    known = rows[rows >= 0]
    twice = issues.items[np.unique(known[pd.Series(known).duplicated().to_numpy()])].tolist()
    out = []
    if unknown:
        named = f"for example {shorten(issues.items[:3].tolist(), 3)}" if len(issues) else "there is none"
        what = f"verdicts speaks of {counted(len(unknown), 'item')} that no label has: {shorten(map(repr, unknown), 5)}"
        out.append(_problem(what, unknown[0], (f"the items of the issues, {named}",), "Use the column item."))
    if twice:
        what = f"verdicts speaks more than once of {counted(len(twice), 'item')}: {shorten(map(repr, twice), 5)}"
        out.append(_problem(what, twice[0], (), "Settle on one verdict an item."))
    return out


def _word_problems(table: pd.DataFrame, read: list[tuple[int, int] | None], schema: LabelSchema) -> list[Problem]:
    bad = [row for row, found in enumerate(read) if found is None]
    if not bad:
        return []
    values = list(dict.fromkeys(table["verdict"].iloc[row] for row in bad))
    item = table["item"].iloc[bad[0]]
    where = f"first for item {item!r}"
    if any(_as_class(v, schema) is not None for v in values):
        what = f"verdicts holds {shorten(map(repr, values), 5)}, a verdict and a class at once, {where}"
        free = [word for word in WORDS if _as_class(word, schema) is None]
        return [_problem(what, None, (), f"Use a verdict that is no class: {', '.join(free)}.")]
    what = f"verdicts holds {shorten(map(repr, values), 5)}, {where}"
    return [_problem(what, values[0], (*SPOKEN[:3], *schema.names[:20], *SPOKEN[3:]), "Correct the verdict.")]


def _problem(what: str, value: object, allowed: tuple[str, ...], next_step: str) -> Problem:
    return Problem(what=what, parameter="verdicts", value=value, allowed=allowed, next_step=next_step)
