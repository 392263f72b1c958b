"""Second labels of one annotator for one item in one round."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from labelqa.annotations.coding import contains_twice
from labelqa.annotations.readlog import Origin
from labelqa.errors import DuplicateError, Problem, check_choice

ON_DUPLICATE = ("error", "first", "last")
Keys = npt.NDArray[np.int32] | npt.NDArray[np.int64]


def repeated_rows(keys: Keys, n_keys: int, on_duplicate: str) -> npt.NDArray[np.intp]:
    """Return the positions of the rows to set aside so that every key occurs once.

    Parameters
    ----------
    keys : int32 or int64 (rows,)
        One number per item, annotator and round.
    n_keys : int
        Upper bound of `keys`.
    on_duplicate : {"error", "first", "last"}
        Which row of a key stays: the first or the last. For "error" as for "first".
    """
    check_choice("on_duplicate", on_duplicate, ON_DUPLICATE)
    if not contains_twice(keys, n_keys):
        return np.empty(0, dtype=np.intp)
    order = np.argsort(keys, kind="stable")
    ordered = keys[order]
    same_as_before = np.r_[False, ordered[1:] == ordered[:-1]]
    if on_duplicate == "last":
        same_as_before = np.r_[same_as_before[1:], False]
    return np.sort(order[same_as_before])


def duplicate_error(rows: npt.NDArray[np.intp], origin: Origin, describe: list[str], n_pairs: int) -> DuplicateError:
    """Return the error for duplicates at `rows` (positions in the source); `describe` has a text for the first few."""
    problems = []
    for position, text in zip(rows.tolist(), describe, strict=False):
        file, row = origin.place(position)
        problems.append(Problem(what=text, file=file, row=row, parameter="on_duplicate"))
    problems[-1] = Problem(
        what=problems[-1].what,
        file=problems[-1].file,
        row=problems[-1].row,
        parameter="on_duplicate",
        value="error",
        allowed=ON_DUPLICATE,
        next_step=f"{rows.size:,} repeated rows in {n_pairs:,} (item, annotator) pairs: choose which label counts with "
        "on_duplicate='first' or 'last' (--on-duplicate), or name a round column if they are separate rounds.",
    )
    return DuplicateError(problems)


def or_one_question(error: DuplicateError, column: str, example: str) -> DuplicateError:
    """Return `error` with the advice to choose one question, where `column` tells several questions apart."""
    *others, last = error.problems
    advice = (
        f"{last.next_step.removesuffix('.')}, or choose one question of column {column!r}: question={example!r} "
        "(--question)."
    )
    return DuplicateError([*others, replace(last, next_step=advice)])
