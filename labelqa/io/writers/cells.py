"""What writers share: names and values as text or JSON, columns with names of their own, CSV that runs nothing."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from labelqa.annotations.table import Annotations
from labelqa.errors import FileFormatError, ParameterError, Problem, shorten
from labelqa.io import sniff
from labelqa.io.formulas import defused, note_on_disarmed
from labelqa.text import without_surrogates

RESERVED = ("item", "annotator", "label", "round", "timestamp", "duration")


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """What one file is to hold.

    Attributes
    ----------
    data : bytes
        The whole file.
    n_rows : int
        Rows or records in it.
    notes : tuple of str
        What a user should know of it: what was left out or changed.
    """

    data: bytes
    n_rows: int
    notes: tuple[str, ...] = ()


def plain(value: Any) -> Any:  # noqa: ANN401  # a cell of any frame
    """Return a value as JSON knows it: None where it is missing, half characters replaced."""
    if isinstance(value, np.ndarray | list | tuple | set | frozenset):
        return [plain(v) for v in (value.tolist() if isinstance(value, np.ndarray) else value)]
    if isinstance(value, dict):
        return {without_surrogates(str(k)): plain(v) for k, v in value.items()}
    if isinstance(value, np.generic) and not isinstance(value, np.datetime64 | np.timedelta64):
        value = value.item()
    if value is None or value is pd.NA or value is pd.NaT:
        return None
    if isinstance(value, float):
        return value if math.isfinite(value) else None if math.isnan(value) else str(value)
    if isinstance(value, bool | int):
        return value
    is_time = isinstance(value, np.datetime64 | pd.Timestamp)
    return pd.Timestamp(value).isoformat() if is_time else without_surrogates(str(value))


def text(value: Any) -> str | None:  # noqa: ANN401  # likewise
    """Return a value as the text of a cell; lists and objects as JSON."""
    found = plain(value)
    return found if found is None or isinstance(found, str) else as_json(found) if _nested(found) else str(found)


def _nested(value: object) -> bool:
    return isinstance(value, list | dict)


def as_json(value: Any, indent: int | None = None) -> str:  # noqa: ANN401  # what `plain` returns
    """Return JSON text."""
    return json.dumps(value, ensure_ascii=False, indent=indent, allow_nan=False)


def names(values: Iterable[Any], role: str) -> list[str]:
    """Return names as texts.

    Raises
    ------
    ParameterError
        If some are blank, or spelled alike: a file of text could not keep them apart.
    """
    out = [text(v) or "" for v in values]
    blank = sum(not name.strip() for name in out)
    if blank or len(set(out)) < len(out):
        seen: set[str] = set()
        twice = [n for n in out if n in seen or seen.add(n)]  # type: ignore[func-returns-value]  # None: remember it
        what = f"{blank} blank {role} names" if blank else f"{role} names that are spelled alike ({shorten(twice)})"
        raise ParameterError(
            Problem(
                what=f"a file of text cannot hold {what}",
                parameter="annotations",
                value=role,
                next_step="Rename them, or write Parquet.",
            )
        )
    return out


def item_columns(annotations: Annotations, columns: Sequence[str] | None) -> pd.DataFrame:
    """Return the item columns that were asked for; all of them where none was named.

    Raises
    ------
    ParameterError
        If there is no such column.
    """
    data = annotations.item_data
    if columns is None:
        return data
    known = tuple(str(c) for c in data.columns)
    unknown = [c for c in columns if c not in known]
    if unknown:
        raise ParameterError(
            [
                Problem(what=f"there is no item column {c!r}", parameter="columns", value=c, allowed=known)
                for c in unknown
            ]
        )
    return data[list(dict.fromkeys(columns))]


def titles(columns: Iterable[object], taken: Sequence[str]) -> list[str]:
    """Return a name of its own for each item column, other than the names in `taken`.

    Examples
    --------
    >>> titles(["text", "label", ""], RESERVED)
    ['text', 'label_of_item', 'column']
    """
    used, out = set(taken), []
    for column in columns:
        name = without_surrogates(str(column)).strip() or "column"
        name = f"{name}_of_item" if name in taken else name
        tries = (name, *(f"{name}_{i}" for i in range(2, len(used) + 3)))
        out.append(next(n for n in tries if n not in used))
        used.add(out[-1])
    return out


def renamed_note(columns: Iterable[object], new: Sequence[str]) -> list[str]:
    """Return a note on item columns that got another name."""
    pairs = [f"{str(old)!r} is {name!r}" for old, name in zip(columns, new, strict=True) if str(old) != name]
    return [f"item columns were renamed: {shorten(pairs)}"] * bool(pairs)


def spread(texts: Sequence[str | None], codes: npt.NDArray[Any]) -> npt.NDArray[np.object_]:
    """Return the text of each code."""
    return np.asarray(texts, dtype=object)[codes] if len(texts) else np.empty(0, dtype=object)


def times(annotations: Annotations) -> npt.NDArray[np.object_] | None:
    """Return the times as ISO 8601 in UTC, None where there is none; None where there is not one."""
    found = annotations.timestamp
    if found is None or np.isnat(found).all():
        return None
    present = found[~np.isnat(found)]
    units = ("s", "ms", "us", "ns")
    unit = next(u for u in units if (present == present.astype(f"datetime64[{u}]")).all())
    out = np.char.add(found.astype(f"datetime64[{unit}]").astype(str), "Z").astype(object)
    out[np.isnat(found)] = None
    return np.asarray(out, dtype=object)


def durations(annotations: Annotations) -> npt.NDArray[np.object_] | None:
    """Return seconds as text, None where there are none."""
    found = annotations.duration
    if found is None or np.isnan(found).all():
        return None
    return np.asarray([None if math.isnan(v) else f"{v:.17g}" if v % 1 else f"{v:.0f}" for v in found], dtype=object)


def csv_of(frame: pd.DataFrame, notes: Sequence[str]) -> Content:
    """Return a frame of texts as CSV; cells that a spreadsheet would run get an apostrophe.

    Raises
    ------
    ParameterError
        If the text is such that nobody would take it for text.
    """
    out, n = defused(frame)
    data = out.to_csv(index=False, lineterminator="\r\n").encode()  # so that a lone line end is quoted, too
    try:
        kind = sniff.kind_of(data[: sniff.HEAD], "CSV")
    except FileFormatError:
        kind = "binary"
    if kind != "text" or b"\0" in data:
        raise ParameterError(
            Problem(
                what="names or texts hold control characters, which CSV cannot",
                parameter="format",
                value="csv",
                next_step="Write Parquet, or remove them.",
            )
        )
    return Content(data=data, n_rows=len(frame), notes=(*notes, *note_on_disarmed(n)))
