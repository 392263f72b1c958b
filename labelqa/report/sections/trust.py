"""How far the probabilities of a consensus can be trusted: they are checked where true classes are known."""

from __future__ import annotations

import math

from labelqa.aggregation.calibration import Calibration
from labelqa.report.blocks import Block, Column, Details, Points, Table
from labelqa.results import as_number, as_percent

SMALL = 0.05  # error that misleads nobody
BY_CHANCE = 1.5  # times the error that chance alone brings
NORMAL_MEAN = math.sqrt(2 / math.pi)  # mean size of a standard normal number


def trust(checked: Calibration | None) -> tuple[Block, ...]:
    """Return what true classes say of the probabilities; nothing where none were given."""
    if checked is None:
        return ()
    if checked.undefined_because:
        text = f"Whether the probabilities can be trusted cannot be said: {checked.undefined_because}."
        return (Points(items=(text,), title="Checked with the true classes"),)
    columns = (
        Column(key="n", title="Items", kind="count"),
        Column(key="confidence", title="Said to be right", kind="percent"),
        Column(key="accuracy", title="Are right", kind="percent"),
    )
    table = Table(
        key="calibration",
        title="Items from the least to the most sure",
        columns=columns,
        rows=checked.bins,
        note=f"Expected calibration error: {as_number(checked.expected_calibration_error)}.",
    )
    return (
        Points(items=tuple(_sentences(checked)), title="Checked with the true classes"),
        Details(title="How sure and how often right, in parts of equal size", blocks=(table,)),
    )


def _sentences(checked: Calibration) -> tuple[str, str]:
    error = checked.expected_calibration_error
    points = f"{100 * error:.1f}"
    counted = (
        f"On {checked.n_items:,} items with a known class, each judged without it, {as_percent(checked.accuracy)} of "
        f"labels are right, and the probabilities say {as_percent(checked.confidence)}."
    )
    off = f"On average they are off by {points} percentage points (expected calibration error {as_number(error)})"
    if error <= SMALL:
        return counted, f"{off}: they can be taken at their word."
    if error <= BY_CHANCE * _by_chance(checked):
        return counted, f"{off}: with so few items, that much comes about by chance."
    if checked.confidence > checked.accuracy:
        return counted, f"{off}: labels are less often right than they say, so look at more items than the unsure ones."
    return counted, f"{off}: labels are more often right than they say."


def _by_chance(checked: Calibration) -> float:
    """Return the error to expect of probabilities that are exactly right, on as many items."""
    bins = checked.bins
    spread = (bins["confidence"] * (1 - bins["confidence"]) / bins["n"]).pow(0.5)
    return float((NORMAL_MEAN * spread * bins["n"]).sum() / bins["n"].sum())
