"""Times and durations that cannot be right, or contradict each other."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from labelqa.text import counted, shortened
from labelqa.validation.result import Finding
from labelqa.validation.subject import MOST_EXAMPLES, VALUE_LENGTH, Positions, Subject, finding_on

FIRST_YEAR, LAST_YEAR = np.datetime64("1971-01-01", "ns"), np.datetime64("2100-01-01", "ns")
DAY = 86_400.0  # seconds
TOO_LONG = 2.0  # times the gap to the labels before and after, above which a duration contradicts them
SLACK = 60.0  # seconds by which clocks may differ
MOSTLY = 0.95  # share of steps forward in time, from which rows are in the order of labeling
LEAST_STEPS = 20
Times = npt.NDArray[np.datetime64]


def check_times(subject: Subject) -> list[Finding]:
    """Return times that cannot be, that are not within the expected range, and that run backwards."""
    time = subject.annotations.timestamp
    if time is None or np.isnat(time).all():
        return []
    return [
        *_impossible(subject, time), *_outside(subject, time), *_rounds(subject, time), *_backwards(subject, time),
        *_all_one(subject, time),
    ]  # fmt: skip


def check_durations(subject: Subject) -> list[Finding]:
    """Return durations that cannot be, or are longer than the time between two labels."""
    seconds = subject.annotations.duration
    if seconds is None or np.isnan(seconds).all():
        return []
    return [*_odd_durations(subject, seconds), *_longer_than_gaps(subject, seconds)]


def _labels(
    subject: Subject, at: Positions, values: Sequence[object], what: tuple[str, str, str], next_step: str
) -> list[Finding]:
    """Return one finding on the labels at these positions, or none; `what` is severity, code and sentence."""
    severity, code, text = what
    shown = at[: min(len(values), MOST_EXAMPLES)]
    value_of = dict(zip(shown.tolist(), values, strict=False))
    return finding_on(
        shown, lambda p: subject.label(p, shortened(value_of[p], VALUE_LENGTH)),
        (severity, code, f"{counted(int(at.size), 'label')} {text}."), next_step, count=int(at.size),
    )  # fmt: skip


def _written(times: Times) -> list[str]:
    return [str(t) for t in times[:50].astype("datetime64[s]")]


def _impossible(subject: Subject, time: Times) -> list[Finding]:
    at = np.flatnonzero((time < FIRST_YEAR) | (time >= LAST_YEAR))
    text = "with a time before 1971 or after 2099: an empty clock, or another unit than was read"
    return _labels(
        subject, at, _written(time[at]), ("error", "impossible_time", text),
        "Check the unit (seconds or milliseconds) and the column that was taken for the time.",
    )  # fmt: skip


def _outside(subject: Subject, time: Times) -> list[Finding]:
    first, last = subject.expect.time_range
    out: list[Finding] = []
    if first is not None:
        at = np.flatnonzero(time < first.to_datetime64())
        what = ("error", "too_early", f"from before {first}, the earliest expected")
        out += _labels(
            subject, at, _written(time[at]), what, "Leave out labels of other batches, or correct the range."
        )
    if last is not None:
        at = np.flatnonzero(time > last.to_datetime64())
        what = ("error", "too_late", f"from after {last.floor('s')}, the latest expected")
        out += _labels(subject, at, _written(time[at]), what, "Check the clock and the time zone of the tool.")
    return out


def _rounds(subject: Subject, time: Times) -> list[Finding]:
    """Return labels of a round that are older than the label of the same person and item in the round before."""
    found = subject.annotations
    if found.round is None or found.n_rounds < 2:
        return []
    key = found.item.astype(np.int64) * found.n_annotators + found.annotator
    order = np.lexsort((found.round, key))
    earlier, later = order[:-1], order[1:]
    wrong = (key[earlier] == key[later]) & (time[later] < time[earlier])  # NaT compares as false
    at = np.sort(later[wrong])
    what = (
        "warning",
        "rounds_out_of_order",
        "older than the label that the same annotator gave the item a round before",
    )
    step = "Check the names of the rounds (their order is natural or by time) and the column of times."
    return _labels(subject, at, _written(time[at]), what, step)


def _steps(subject: Subject, time: Times) -> tuple[Positions, Positions]:
    """Return the positions of labels and of the next label of the same annotator in the file, both with a time."""
    who = subject.annotations.annotator
    known = np.flatnonzero(~np.isnat(time))
    order = known[np.argsort(who[known], kind="stable")]
    same = who[order[:-1]] == who[order[1:]]
    return order[:-1][same], order[1:][same]


def _backwards(subject: Subject, time: Times) -> list[Finding]:
    """Return steps back in time, of annotators whose labels are otherwise in the order of time."""
    before, after = _steps(subject, time)
    who = subject.annotations.annotator
    back = time[after] < time[before]
    m = subject.annotations.n_annotators
    n_steps, n_back = np.bincount(who[after], minlength=m), np.bincount(who[after][back], minlength=m)
    ordered = (n_steps >= LEAST_STEPS) & (n_back <= (1 - MOSTLY) * n_steps)
    at = np.sort(after[back & ordered[who[after]]])
    what = (
        "note",
        "time_goes_back",
        "older than the one before by the same annotator, in a file otherwise in order of time",
    )
    step = "A clock was set, or an answer was changed later: look at these rows before using the times."
    return _labels(subject, at, _written(time[at]), what, step)


def _all_one(subject: Subject, time: Times) -> list[Finding]:
    known = np.flatnonzero(~np.isnat(time))
    if known.size < LEAST_STEPS or (time[known] != time[known[0]]).any():
        return []
    what = ("note", "one_time", "have the same time: it is probably that of an import or export, not of labeling")
    return _labels(subject, known, _written(time[known[:1]]), what, "Do not use the times, or export them again.")


def _odd_durations(subject: Subject, seconds: npt.NDArray[np.float64]) -> list[Finding]:
    known = seconds[~np.isnan(seconds)]
    negative, zero, long = (np.flatnonzero(mask) for mask in (seconds < 0, seconds == 0, seconds > DAY))
    milliseconds = float(np.median(known)) > DAY / 12
    unit = " The usual duration is over two hours: they may be milliseconds." if milliseconds else ""
    empty = zero.size == known.size
    zero_text = "all have a duration of 0 seconds: it was not measured" if empty else "that took 0 seconds"
    rows = (
        (negative, ("error", "negative_duration", "with a negative duration"), "Check how the tool computes it."),
        (zero, ("note" if empty else "warning", "zero_duration", zero_text),
         "Such labels were imported, or given without looking."),
        (long, ("warning", "long_duration", "that took longer than a day"),
         f"Leave these durations out: the page was open, nobody was working.{unit}"),
    )  # fmt: skip
    return [
        finding
        for at, what, step in rows
        for finding in _labels(subject, at, [f"{s:g} s" for s in seconds[at[:50]]], what, step)
    ]


def _longer_than_gaps(subject: Subject, seconds: npt.NDArray[np.float64]) -> list[Finding]:
    """Return durations that fit neither before nor after the time of the label (its start or its end).

    Labels of one annotator and time are one: tools divide the time of a page, or write one time for a batch.
    """
    time = subject.annotations.timestamp
    if time is None:
        return []
    who = subject.annotations.annotator
    known = np.flatnonzero(~np.isnat(time) & (seconds > 0) & (seconds <= DAY))
    if not known.size:
        return []
    order = known[np.lexsort((time[known], who[known]))]
    starts = np.r_[True, (np.diff(who[order]) != 0) | (np.diff(time[order]) != np.timedelta64(0, "ns"))]
    page, first = np.cumsum(starts) - 1, order[starts]  # labels of one time share a page, whose time may be divided
    together = np.bincount(page, weights=seconds[order])
    gap = np.diff(time[first]) / np.timedelta64(1, "s")
    gap = np.where(np.diff(who[first]) == 0, gap, np.inf)
    around = np.maximum(np.r_[np.inf, gap], np.r_[gap, np.inf])  # the larger one: start or end, the doubt is theirs
    at = np.sort(order[(together > TOO_LONG * around + SLACK)[page]])
    what = ("note", "duration_over_gap", "that took much longer than the time since the label before or until the next")
    step = "The annotator worked on several at once, or the clock or the unit is wrong: do not add these durations up."
    return _labels(subject, at, [f"{s:g} s" for s in seconds[at[:50]]], what, step)
