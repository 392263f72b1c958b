"""One question out of a table that asks several."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from labelqa.annotations.readlog import Origin, ReadLog
from labelqa.errors import ParameterError, Problem
from labelqa.io.columns import Asked
from labelqa.io.profile import Profile

MAX_QUESTIONS = 200


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
    column = next((c for c in frame.columns if _asks(frame[c], question)), None)
    if column is None:
        raise ParameterError(
            Problem(
                what=f"question={question!r} is neither a column nor a value of one",
                parameter="question",
                value=question,
                allowed=tuple(str(c) for c in frame.columns),
            )
        )
    keep = (frame[column].astype(str) == question).to_numpy()
    rows = np.flatnonzero(keep)
    numbers = rows + origin.offset if origin.row_number is None else origin.row_number[rows]
    files = None if origin.file_of_row is None else origin.file_of_row[rows]
    log = log.adding(set_aside=origin.set_aside(np.flatnonzero(~keep), f"another question than {question!r}"))
    kept = frame.take(rows).reset_index(drop=True).drop(columns=column)
    return kept, replace(origin, row_number=numbers.astype(np.int64), file_of_row=files), asked, log


def _asks(column: pd.Series, question: str) -> bool:
    profile = Profile(column)
    return profile.k <= MAX_QUESTIONS and question in profile.texts
