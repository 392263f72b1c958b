"""What could mislead the reader of a report, most important first."""

from __future__ import annotations

import math
from collections.abc import Callable

import pandas as pd

from labelqa.annotations.readlog import EMPTY_CELL, REPEATED_LABEL
from labelqa.reliability.explain import HIGH_OBSERVED, LOW, few_items
from labelqa.reliability.names import KRIPPENDORFF, TITLES
from labelqa.report.blocks import NOTICE_LEVELS, Notice
from labelqa.report.evidence import CHANCE_BLIND, alpha_row, has_single_classes, looks_like_scale
from labelqa.report.findings import Findings
from labelqa.report.wording import name_of
from labelqa.results import as_number, as_percent
from labelqa.text import shortened

FEW_IN_CLASS = 10  # items of a class, under which its interval (and the overall one) is too narrow
FEW_SHARED = 10  # items an annotator shares with others
DOMINANT = 0.8  # share of one class from which alpha is low in spite of high agreement
LOW_END, NEAR_GUESSING = 0.4, 0.1  # upper end, or estimate, under which an annotator is no better than guessing
MUCH_SET_ASIDE = 0.05
MUCH_SINGLE = 0.2  # share of items with a single label that deserves a caution
NAMED = 3
EXPECTED_REASONS = (EMPTY_CELL, REPEATED_LABEL)  # of a wide file, and named in a warning of its own

Check = Callable[[Findings], Notice | None]


def caveats(found: Findings) -> tuple[Notice, ...]:
    """Return every warning that applies, most important first."""
    notices = [notice for check in CHECKS if (notice := check(found)) is not None]
    return tuple(sorted(notices, key=lambda n: NOTICE_LEVELS.index(n.level)))


def chance_level(found: Findings) -> pd.DataFrame:
    """Return the annotators (enough shared items) whose agreement with the rest is shown to be low, not just unsure."""
    rest = found.annotators.against_rest
    is_low = (rest["low"] <= 0) & (rest["high"] < LOW_END)
    return rest[(rest["n_items"] >= FEW_SHARED) & (is_low | (rest["estimate"] < NEAR_GUESSING))]


def _undefined(found: Findings) -> Notice | None:
    reason = found.main.undefined_because
    if reason is None:
        return None
    text = f"The reason: {reason}. The tables below show what the data does tell."
    return Notice(level="problem", key="undefined", title="Agreement is undefined", text=text)


def _too_few_items(found: Findings) -> Notice | None:
    text = few_items(found.main)
    if text is None or found.main.undefined_because:
        return None
    return Notice(level="problem", key="too_few_items", title="Very few items", text=text)


def _chance_level(found: Findings) -> Notice | None:
    at_chance = chance_level(found)
    if at_chance.empty or found.main.undefined_because:
        return None
    text = (
        f"{_names(at_chance['annotator'])}: agreement with the rest is near guessing or below it. Ask how they read "
        "the instruction before their labels are used."
    )
    many = f"{len(at_chance):,} annotators" if len(at_chance) > 1 else "One annotator"
    level = "problem" if len(at_chance) * 4 >= len(found.annotators.against_rest) else "caution"
    return Notice(level=level, key="chance_level_annotators", title=f"{many} at the level of guessing", text=text)


def _prevalence(found: Findings) -> Notice | None:
    if found.classes.empty:
        return None
    largest = found.classes.sort_values("share", ascending=False, kind="stable").to_dict("records")[0]
    percent = found.same_label
    blind = found.main.coefficient in CHANCE_BLIND
    corrected = KRIPPENDORFF if blind else found.main.coefficient
    estimate = alpha_row(found)["estimate"] if blind else found.main.estimate
    if not (largest["share"] >= DOMINANT and percent >= HIGH_OBSERVED and estimate < LOW):
        return None
    text = (
        f"{as_percent(percent)} of labels agree, yet {TITLES[corrected]} is {as_number(estimate, 2)}: "
        f"{name_of(largest['class'])} makes up {as_percent(largest['share'])} of labels, so guessing would agree "
        "nearly as often. Judge by the rare classes; Gwet's AC is less sensitive to this."
    )
    return Notice(level="caution", key="prevalence", title="One class dominates", text=text)


def _few_in_class(found: Findings) -> Notice | None:
    classes = found.classes
    few = classes[(classes["n_annotations"] > 0) & (classes["n_items"] < FEW_IN_CLASS)]
    if few.empty or found.main.undefined_because or not has_single_classes(found):
        return None
    text = (
        f"{_names(few['class'])}: used on fewer than {FEW_IN_CLASS} items. Intervals are then too optimistic: the true "
        "value lies outside of them more often than they promise."
    )
    many = f"{len(few):,} classes" if len(few) > 1 else "One class"
    return Notice(level="caution", key="few_items_in_class", title=f"{many} with few items", text=text)


def _guessed_order(found: Findings) -> Notice | None:
    schema = found.latest.schema
    if schema.level != "ordinal" or not schema.order_is_guessed:
        return None
    order = " < ".join(shortened(c, 40) for c in schema.classes[:8]) + (" < ..." if schema.k > 8 else "")
    text = f"The order of the classes was not given and was taken to be {order}. If that is wrong, name the classes."
    level = "info" if schema.is_numeric else "problem"
    return Notice(level=level, key="guessed_order", title="The order of the classes was guessed", text=text)


def _scale(found: Findings) -> Notice | None:
    if not looks_like_scale(found):
        return None
    text = (
        "The labels look like a scale. Here every difference between two numbers counts fully: 1 and 2 are as far "
        "apart as 1 and 5. If near misses should count less, set the level of the labels to ordinal or "
        "interval."
    )
    return Notice(level="caution", key="looks_like_scale", title="Numbers measured as names", text=text)


def _set_aside(found: Findings) -> Notice | None:
    log = found.everything.read_log
    lost = [s for s in log.set_aside if not s.reason.startswith(EXPECTED_REASONS)]
    n, total = sum(s.count for s in lost), max(log.n_rows_read, log.n_labels_used + log.n_set_aside)
    if total == 0 or n / total <= MUCH_SET_ASIDE:
        return None
    reasons = list(dict.fromkeys(shortened(s.reason, 80) for s in sorted(lost, key=lambda s: -s.count)))
    what = "rows" if log.layout == "long" else "labels or rows"
    text = (
        f"{n:,} of {total:,} {what} ({as_percent(n / total)}) were set aside: {'; '.join(reasons[:NAMED])}. Check that "
        "this was meant; the table of what was read lists them."
    )
    return Notice(level="caution", key="rows_set_aside", title="Part of the data was not used", text=text)


def _little_overlap(found: Findings) -> Notice | None:
    rest = found.annotators.against_rest
    few = rest[rest["n_items"] < FEW_SHARED]
    if few.empty or found.main.undefined_because:
        return None
    text = (
        f"{_names(few['annotator'])}: fewer than {FEW_SHARED} items shared with others, too few to judge how well they "
        "agree."
    )
    many = f"{len(few):,} annotators" if len(few) > 1 else "One annotator"
    return Notice(level="caution", key="little_overlap", title=f"{many} with almost no overlap", text=text)


def _single(found: Findings) -> Notice | None:
    n, total = found.main.n_single, found.main.n_items
    if n == 0:
        return None
    text = f"{n:,} of {total:,} items ({as_percent(n / total)}) have a single label. They say nothing about agreement."
    level = "caution" if n / total >= MUCH_SINGLE else "info"
    return Notice(level=level, key="single_labels", title="Items with one label", text=text)


def _duplicates(found: Findings) -> Notice | None:
    n = sum(s.count for s in found.everything.read_log.set_aside if s.reason.startswith(REPEATED_LABEL))
    if n == 0:
        return None
    text = f"{n:,} repeated labels of one annotator for one item were set aside; the table of what was read lists them."
    return Notice(level="caution", key="duplicates", title="Repeated labels", text=text)


def _no_interval(found: Findings) -> Notice | None:
    reason = found.main.interval_undefined_because
    if reason is None:
        return None
    return Notice(level="problem", key="no_interval", title="No interval", text=f"The reason: {reason}.")


def _unused_classes(found: Findings) -> Notice | None:
    unused = found.classes[found.classes["n_annotations"] == 0]
    if unused.empty:
        return None
    text = (
        f"{_names(unused['class'])}: declared but not used. Coefficients that count classes (Brennan-Prediger, Gwet) "
        "take them into account."
    )
    return Notice(level="info", key="unused_classes", title="Classes nobody used", text=text)


def _perfect(found: Findings) -> Notice | None:
    if math.isnan(found.main.estimate) or found.main.observed < 1:
        return None
    text = "All labels of the same item are equal. Check that the annotators worked independently of each other."
    return Notice(level="info", key="perfect", title="Perfect agreement", text=text)


def _names(names: pd.Series) -> str:
    listed = [name_of(n) for n in names.head(NAMED)]
    more = len(names) - len(listed)
    return ", ".join(listed) + (f" and {more:,} more" if more > 0 else "")


CHECKS: tuple[Check, ...] = (
    _undefined,
    _guessed_order,
    _scale,
    _set_aside,
    _too_few_items,
    _no_interval,
    _chance_level,
    _prevalence,
    _few_in_class,
    _duplicates,
    _little_overlap,
    _single,
    _unused_classes,
    _perfect,
)
