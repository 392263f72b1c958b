"""Label issues: how many labels are probably wrong, which, why, and in which classes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from labelqa.annotations.itemtexts import text_column
from labelqa.annotations.table import Annotations
from labelqa.label_issues.result import LabelIssues
from labelqa.report.blocks import Block, Column, Figure, Points, Prose, Section, Table
from labelqa.report.wording import name_of
from labelqa.results import as_percent
from labelqa.text import counted

if TYPE_CHECKING:
    import altair as alt

TITLE = "Which labels are probably wrong?"
TOP = 20
WORTH_A_LOOK = 0.1  # probability of being wrong from which a label is listed
SURE = 0.99  # what is surer than that is shown so: 100% would claim too much
TEXT_LIMIT = 140
DRAWN = 20  # classes in the chart
SIZES = (10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 50_000, 100_000)
ENOUGH = 0.95  # share of all wrong labels from which more review is not listed
LEADING = 0.3  # share of all wrong labels from which a class is named
HOW_TO_READ = (
    "Models that never saw a row, or its annotators, say what the label should be. How sure they are that the given "
    "label is wrong is put on a scale on which 80% should mean: four of five such labels are wrong. That scale was "
    "set without anybody having checked a label. They see too few errors where many labels of one kind are wrong in "
    "the same way, and too many where rows are rare or ambiguous. The range spans several ways to count, and chance; "
    "only a checked sample shows how many labels are wrong. A suggestion is no correction: nothing has been changed."
)


def section(found: LabelIssues, *, texts: Sequence[object] | None = None) -> Section:
    """Return the section.

    Parameters
    ----------
    found : LabelIssues
        The judged labels.
    texts : sequence (n,), optional
        Text of each row, shown beside its label.
    """
    blocks: list[Block] = [Points(items=tuple(next_steps(found)), ordered=True, title="What to do next")]
    notes = tuple(note for note in found.notes if note != found.undefined_because)
    blocks += [Points(items=notes)] if notes else []
    if not found.undefined_because:
        blocks += [_worst(found, texts), *_reviews(found), *_classes(found)]
    return Section(
        key="issues", title=TITLE, lead=f"{statement(found)} {caution(found)}", how_to_read=HOW_TO_READ,
        blocks=tuple(blocks),
    )  # fmt: skip


def statement(found: LabelIssues) -> str:
    """Return how many labels are probably wrong, in a sentence."""
    if found.undefined_because:
        return f"Which of {counted(len(found), 'label')} are wrong cannot be said."
    n, about, (low, high) = len(found), round(found.expected_errors), ends(found)
    if about < 1:
        return f"Hardly any of {counted(n, 'label')} is wrong ({low:,} to {high:,})."
    verb = "is" if about == 1 else "are"
    return f"About {about:,} of {counted(n, 'label')} {verb} probably wrong ({low:,} to {high:,})."


def caution(found: LabelIssues) -> str:
    """Return what the number stands on, in a sentence."""
    if found.undefined_because:
        return sentence(found.undefined_because)
    return f"That is what {found.source} alone say: check a sample to know."


def sentence(text: str) -> str:
    """Return a reason as a sentence of its own."""
    return f"{text[:1].upper()}{text[1:]}."


def ends(found: LabelIssues) -> tuple[int, int]:
    """Return the range of the number of wrong labels, in whole labels: none to all where nothing can be said."""
    if found.undefined_because:
        return 0, len(found)
    return round(found.expected_errors_low), min(round(found.expected_errors_high), len(found))


def next_steps(found: LabelIssues) -> Iterator[str]:
    """Yield what to do, most useful first."""
    if found.undefined_because:
        yield (
            "Judge the labels by something else: other features, class probabilities of a model that does better, or "
            "the labels of annotators."
        )
    n = int(found.flagged.sum())
    if n:
        yield (
            f"Look at the {counted(n, 'label')} that {'is' if n == 1 else 'are'} more probably wrong than right, worst "
            f"first: expect {as_percent(found.expected_precision)} of them to be wrong or ambiguous."
        )
    leading = _leading(found)
    if leading is not None:
        yield leading
    yield (
        "Check a sample to know how many labels are wrong: issues.review_sample(100) in Python draws one, and "
        "estimate_label_errors(issues, verdicts) counts from it."
    )


def _leading(found: LabelIssues) -> str | None:
    classes = found.class_errors()
    total = float(classes["expected_errors"].sum())  # without classes of which nothing can be said
    if found.undefined_because or len(classes) < 3 or total < 1:
        return None
    first = classes.iloc[int(np.nanargmax(classes["expected_errors"].to_numpy()))]
    share = float(first["expected_errors"]) / total
    if share < max(LEADING, 1.5 / len(classes)):
        return None
    return (
        f"Ask what {name_of(first['class'])} means: {as_percent(share)} of all labels that are probably wrong say so."
    )


def _worst(found: LabelIssues, texts: Sequence[object] | None) -> Block:
    doubtful = int((1 - found.quality >= WORTH_A_LOOK).sum())
    if not doubtful:
        return Prose(text=f"No label is wrong with a probability of {as_percent(WORTH_A_LOOK)} or more.")
    columns = [
        Column(key="item", title=_row_word(found), limit=40),
        Column(key="given", title="Given"),
        Column(key="suggested", title="Suggested"),
        Column(key="wrong", title="Sure it is wrong", kind="percent"),
        *([] if texts is None else [Column(key="text", title="Text", limit=TEXT_LIMIT)]),
        Column(key="evidence", title="Why", limit=TEXT_LIMIT),
    ]
    return Table(
        key="issues",
        title="The labels to look at first",
        columns=tuple(columns),
        rows=_with_wrong(found.worst(min(TOP, doubtful)), found, texts),
        shown=TOP,
        n_rows=len(found),
        n_countable=doubtful,
        counted=f"labels that are at least {as_percent(WORTH_A_LOOK)} sure to be wrong",
        all_rows=lambda: _with_wrong(found.worst(len(found)), found, texts),
    )


def texts_of(data: Annotations, items: pd.Index) -> list[object] | None:
    """Return the text of each row, where `data` knows items by these names and has a column of texts."""
    column, place = text_column(data.item_data), data.items.get_indexer(items)
    if column is None or (place < 0).all():
        return None
    texts = data.item_data[column].astype(object).to_numpy()
    return [texts[i] if i >= 0 else None for i in place.tolist()]


def _row_word(found: LabelIssues) -> str:
    return "Row" if pd.api.types.is_integer_dtype(found.items.dtype) else "Item"


def _with_wrong(worst: pd.DataFrame, found: LabelIssues, texts: Sequence[object] | None) -> pd.DataFrame:
    """Return the worst rows with the probability of being wrong, and with their texts."""
    frame = worst.assign(wrong=np.minimum(1 - worst["quality"], SURE))
    if texts is None:
        return frame
    return frame.assign(text=pd.Series(list(texts), dtype=object).take(found.ranking[: len(frame)]).to_numpy())


def _reviews(found: LabelIssues) -> tuple[Block, ...]:
    """Return what reviewing the worst labels is expected to find."""
    wrong = np.cumsum(1 - found.quality[found.ranking])
    if round(float(wrong[-1])) < 1:
        return ()
    share = wrong / wrong[-1]
    sizes = [n for n in SIZES if n < len(found) and (n == SIZES[0] or share[n - 1] <= ENOUGH)]
    if not sizes:
        return ()
    at = np.array(sizes) - 1
    table = Table(
        key="review",
        title="How far a review pays",
        columns=(
            Column(key="n", title="Labels reviewed, worst first", kind="count"),
            Column(key="wrong", title="Wrong among them (expected)", kind="count"),
            Column(key="share", title="Of all that are wrong", kind="percent"),
        ),
        rows=pd.DataFrame({"n": sizes, "wrong": wrong[at], "share": share[at]}),
    )
    return (table,)


def _classes(found: LabelIssues) -> tuple[Block, ...]:
    if found.schema.k < 2:
        return ()
    rows = found.class_errors().sort_values("expected_errors", ascending=False, kind="stable", ignore_index=True)
    table = Table(
        key="issue_classes",
        title="Wrong labels of each class",
        columns=(
            Column(key="class", title="Given label"),
            Column(key="n", title="Labels", kind="count"),
            Column(key="flagged", title="More probably wrong than right", kind="count"),
            Column(key="expected_errors", title="Expected wrong", kind="decimal"),
            Column(key="low", title="from", kind="decimal"),
            Column(key="high", title="to", kind="decimal"),
        ),
        rows=rows,
    )
    figure = Figure(
        key="issue-classes",
        title="Wrong labels of each class",
        alt="Expected number of wrong labels and its range for each class, most first; the numbers are in the table.",
        caption=f"The {DRAWN} classes with most." if len(rows) > DRAWN else "",
        draw=partial(_drawn, rows),
    )
    return (figure, table)


def _drawn(rows: pd.DataFrame) -> alt.Chart | alt.LayerChart:
    """Return the classes with most wrong labels as a chart, without classes of which nothing can be said."""
    from labelqa.charts.issues import error_chart  # charts are imported only when drawn

    known = rows[rows["expected_errors"].notna()]
    return error_chart(known.head(DRAWN), title="Expected number of wrong labels")
