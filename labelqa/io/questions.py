"""One question out of a table that asks several."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from labelqa.annotations.readlog import Origin, ReadLog
from labelqa.errors import ParameterError, Problem
from labelqa.io import words
from labelqa.io.columns import Asked
from labelqa.io.profile import Profile, n_pairs
from labelqa.io.stack import FILE_COLUMN

MAX_QUESTIONS = 200
ASKS = words.word_set("question variable dimension aspect attribute criterion field measure property topic facet dim")


def choose(
    frame: pd.DataFrame, origin: Origin, asked: Asked, log: ReadLog, question: str
) -> tuple[pd.DataFrame, Origin, Asked, ReadLog]:
    """Keep the labels of `question`: a label column of that name, or the rows that hold it in a column of questions.

    Raises
    ------
    ParameterError
        If there is no such column and no column with such a value.
    """
    if question in frame.columns and asked.label in (None, question):
        return frame, origin, replace(asked, label=question), log
    columns = [str(c) for c in frame.columns if c != FILE_COLUMN]
    column = next((c for c in columns if _asks(frame[c], question)), None)
    if column is None:
        raise ParameterError(
            Problem(
                what=f"question={question!r} is neither a column nor a value of one",
                parameter="question",
                value=question,
                allowed=tuple(columns),
            )
        )
    frame, origin, log = keep_question(frame, origin, log, column, question)
    return frame, origin, asked, log


def choose_of_tool(
    frame: pd.DataFrame, origin: Origin, log: ReadLog, column: str, question: str | None
) -> tuple[pd.DataFrame, Origin, ReadLog]:
    """Keep the answers to one of the questions that an annotation tool asked.

    Raises
    ------
    ParameterError
        If there are several and none was named, or there is no such question; all are listed.
    """
    names = [str(n) for n in pd.unique(frame[column].dropna())]
    if len(names) <= 1 and question in (None, *names):
        return frame.drop(columns=column), origin, log
    if question not in names:
        what = f"the labels answer {len(names)} questions" if question is None else f"there is no question {question!r}"
        step = "Name the one to read (question=, --question)."
        raise ParameterError(
            Problem(what=what, parameter="question", value=question, allowed=tuple(names), next_step=step)
        )
    return keep_question(frame, origin, log, column, question)


def answers_of_column(
    frame: pd.DataFrame, origin: Origin, roles: Mapping[str, str], question: str
) -> tuple[pd.DataFrame, Origin, dict[str, str]] | None:
    """Return one row each answer with the column `question` as its label; None where that is no other column.

    An export that keeps answers and data in columns alike does not say that a column is a question where all agree.
    """
    if "question" not in roles or question not in frame or question in roles.values():
        return None
    if (frame[roles["question"]] == question).any():
        return None
    rows = origin.of_rows(np.arange(len(frame)))
    places = pd.DataFrame({"file": rows.file_of_row if rows.file_of_row is not None else 0, "row": rows.row_number})
    keep = np.flatnonzero(~places.duplicated())
    frame = frame.take(keep).reset_index(drop=True).drop(columns=[roles["question"], roles["label"]])
    return frame, origin.of_rows(keep), {**{r: c for r, c in roles.items() if r != "question"}, "label": question}


def keep_question(
    frame: pd.DataFrame, origin: Origin, log: ReadLog, column: str, question: str
) -> tuple[pd.DataFrame, Origin, ReadLog]:
    """Keep the rows of one question, and set the others aside."""
    keep = (frame[column].astype(str) == question).to_numpy()
    rows = np.flatnonzero(keep)
    log = log.adding(set_aside=origin.set_aside(np.flatnonzero(~keep), f"another question than {question!r}"))
    kept = frame.take(rows).reset_index(drop=True).drop(columns=column)
    return kept, origin.of_rows(rows), log


def find_asking(frame: pd.DataFrame, roles: Mapping[str, str]) -> tuple[str, str] | None:
    """Return the column that tells several questions on an item apart, with one of them; None where none does.

    Each annotator then labels each item once a question: item, annotator and that column name a row, and most
    questions were put to most of them.
    """
    keys = [Profile(frame[roles[r]]).codes for r in ("item", "annotator", "round") if r in roles]
    others = [Profile(frame[c]) for c in frame.columns if c not in roles.values() and c != FILE_COLUMN]
    fit = [p for p in others if _tells_apart(p, keys)]
    best = min(fit, key=lambda p: (p.words.head not in ASKS, p.k), default=None)
    return None if best is None else (best.name, best.texts[0])


def _tells_apart(p: Profile, keys: list[npt.NDArray[np.int32]]) -> bool:
    """Whether no row repeats `keys` and the value of `p`, which takes few values and most of them for each key."""
    if not 2 <= p.k <= MAX_QUESTIONS or p.n_present < len(p.codes) or p.is_time or p.is_fractional or p.is_prose:
        return False
    rows = int(np.logical_and.reduce([c >= 0 for c in keys]).sum())
    return 2 * rows >= n_pairs(*keys) * p.k and n_pairs(*keys, p.codes) == rows


def _asks(column: pd.Series, question: str) -> bool:
    profile = Profile(column)
    return profile.k <= MAX_QUESTIONS and question in profile.texts
