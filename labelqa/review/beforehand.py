"""What is asked of labels before there is a project: a look at them, which column is the text, how many to label."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from labelqa.annotations.itemtexts import text_column
from labelqa.annotations.table import Annotations
from labelqa.errors import ColumnError, Problem, check_choice
from labelqa.io.formats.registry import FORMATS
from labelqa.reliability.levels import weights_of_level
from labelqa.reliability.names import KRIPPENDORFF
from labelqa.reliability.planning.plan import plan_agreement_study
from labelqa.reliability.planning.result import AgreementStudyPlan
from labelqa.review.files import TableHead

TEXT = "text"  # the name that every search for texts looks at first
GOALS = ("width", "threshold", "change")
NO_TABLES = frozenset(f.name for f in FORMATS if f.of == "text")


def is_of_a_table(annotations: Annotations) -> bool:
    """Tell whether labels come from a table, whose rows and columns can be shown; brat, CoNLL and CVAT are none."""
    return not any(source.format in NO_TABLES for source in annotations.read_log.sources)


def first_labels(annotations: Annotations, rows: int = 8) -> TableHead:
    """Return the first labels as they were read, for files that are no table; its columns are those of the items."""
    head = annotations.take(np.arange(min(rows, len(annotations)))).to_frame().reset_index(drop=True)
    shown = head.astype(object).where(head.notna(), "").astype(str)
    columns = tuple(str(c) for c in annotations.item_data.columns)
    return TableHead(rows=shown, columns=columns, n_rows=len(annotations))


def text_of_items(annotations: Annotations) -> str | None:
    """Return the column that is taken for the text of the items; None where none looks like one."""
    return text_column(annotations.item_data)


def with_text(annotations: Annotations, column: str) -> Annotations:
    """Return `annotations` in which `column` is the text of the items: it is called ``text``.

    Parameters
    ----------
    annotations : Annotations
        Labels with what is known of their items.
    column : str
        One of the columns of their items. Another one that is called ``text`` becomes ``text (data)``.

    Raises
    ------
    ColumnError
        If there is no such column of the items.
    """
    known = annotations.item_data
    if column not in known.columns:
        raise ColumnError(
            Problem(
                what=f"column {column!r} does not hold one text an item",
                parameter=TEXT,
                value=column,
                allowed=tuple(str(c) for c in known.columns),
                next_step="Choose a column that says the same in each row of an item.",
            )
        )
    names = {c: f"{c} (data)" for c in known.columns if c != column and str(c).strip().casefold() == TEXT}
    return replace(annotations, item_data=known.rename(columns={**names, column: TEXT}))


def plan_from_labels(annotations: Annotations, goal: str, value: float) -> AgreementStudyPlan:
    """Return how many items a study needs, with the last round as its pilot and the weights of its level.

    Parameters
    ----------
    annotations : Annotations
        Labels of one or more rounds.
    goal : {"width", "threshold", "change"}
        What the study is for, as in :func:`labelqa.plan_agreement_study`.
    value : float
        The width, limit or change.

    Raises
    ------
    ParameterError
        If there is no such goal, or the value does not fit it.
    """
    check_choice("goal", goal, GOALS)
    last = annotations if annotations.rounds is None else annotations.where(round=annotations.rounds[-1])
    weights = weights_of_level(last.schema.level)[KRIPPENDORFF]
    width, threshold, change = (value if goal == g else None for g in GOALS)
    return plan_agreement_study(last, width=width, threshold=threshold, change=change, weights=weights)
