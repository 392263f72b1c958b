"""Labels beside predictions: refused where they cannot be compared, and a note where they differ in spelling only."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from labelqa.errors import LabelError, ParameterError, Problem, shorten

SHOWN = 4
FEW_CLASSES = 20  # numbers with decimals up to which labels may be classes, such as half stars


def check_comparable(label: pd.Series, predicted: pd.Series, file: str | None = None) -> None:
    """Raise :class:`LabelError` where no prediction is one of the labels.

    Raises
    ------
    LabelError
        With some of both, and whether they differ in type or spelling only.
    """
    known = label.notna() & predicted.notna()
    classes, said = (set(c[known].tolist()) for c in (label, predicted))
    if not classes or classes & said:
        return
    here, there = (shorten(sorted(map(repr, s)), SHOWN) for s in (classes, said))
    raise LabelError(
        Problem(
            what=f"no prediction is one of the labels: labels are {here}, predictions {there}",
            file=file,
            parameter="prediction",
            next_step=_next_step(classes, said),
        )
    )


def _next_step(classes: set[object], said: set[object]) -> str:
    if {_plain(c) for c in classes} & {_plain(c) for c in said}:
        return "They differ in type or spelling only: spell both alike, for example with .astype(str)."
    return "Name other columns, or spell both alike."


def _plain(value: object) -> str:
    """Return a class without its type, case and blanks around it."""
    whole = isinstance(value, float | np.floating) and float(value).is_integer()
    return (f"{value:.0f}" if whole else str(value)).strip().casefold()


def check_classes(label: pd.Series, predicted: pd.Series) -> None:
    """Raise :class:`ParameterError` where predictions are numbers with decimals: scores or amounts, no classes.

    Raises
    ------
    ParameterError
        With some of them, and what to do instead.
    """
    known = predicted.dropna()
    if not _has_decimals(known):
        return
    labels = label.dropna()
    if known.isin(set(labels.tolist())).mean() > 0.5 and labels.nunique() <= FEW_CLASSES:
        return
    shown = shorten([f"{float(v):g}" for v in known.head(3)], 3)
    if _has_decimals(labels) or labels.nunique() > FEW_CLASSES:
        step = "For amounts, search the distance: find_slices(features, abs(labels - predictions))."
    else:
        step = "Of probabilities make classes first, for example predictions >= 0.5."
    what = f"predictions are numbers with decimals ({shown}, ...), not classes"
    raise ParameterError(Problem(what=what, parameter="predictions", next_step=step))


def _has_decimals(values: pd.Series) -> bool:
    if not all(isinstance(v, float | np.floating | int | np.integer) for v in values):
        return False
    numbers = values.astype(np.float64)
    return bool((numbers % 1 != 0).any())


def spelling_notes(label: pd.Series, predicted: pd.Series) -> list[str]:
    """Return a note where classes of both differ in type, case or blanks only, and so count as different."""
    classes = [v for c in (label, predicted) for v in c.dropna().unique().tolist()]
    pairs = [sorted(map(repr, vs)) for vs in _spelled(classes) if len(vs) > 1]
    if not pairs:
        return []
    named = "; ".join(" and ".join(p) for p in pairs[:3])
    return [f"classes that differ in type, case or blanks only count as different: {named}"]


def _spelled(classes: Iterable[object]) -> list[list[object]]:
    found: dict[str, list[object]] = {}
    for c in classes:
        seen = found.setdefault(_plain(c), [])
        if c not in seen:
            seen.append(c)
    return list(found.values())
