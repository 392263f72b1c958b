"""What a sequential study is given: the labels of an item, the weights, the target; checked before anything changes."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable, Mapping
from collections.abc import Set as AbstractSet

import numpy as np
import pandas as pd

from labelqa.annotations.schema import LabelSchema
from labelqa.errors import ParameterError, Problem, check_between, check_choice
from labelqa.reliability import names
from labelqa.reliability.weights import Weights, WeightsLike, make_weights, weights_name

COEFFICIENTS = (names.KRIPPENDORFF, "fleiss_kappa")
FIXED_WEIGHTS = tuple(w for w in names.WEIGHTS if w != "rank")


def as_labels(labels: Iterable[object] | Mapping[Hashable, object]) -> list[object]:
    """Return the labels of an item without the missing ones.

    Raises
    ------
    ParameterError
        If `labels` is one text or one number, a set (equal labels would be one), or a table.
    """
    is_set, is_table = isinstance(labels, AbstractSet), getattr(labels, "ndim", 1) != 1
    if is_set or is_table:
        raise ParameterError(
            Problem(
                what=f"labels_of_item is a {type(labels).__name__}"
                + (", in which equal labels of two annotators are one" if is_set else ", not the labels of one item"),
                parameter="labels_of_item",
                value=type(labels).__name__,
                allowed=("a list", "a Series", "a mapping of annotator to label"),
                next_step="Many items at once: .update_many(annotations)." if is_table else "Pass a list.",
            )
        )
    if isinstance(labels, str | bytes) or not isinstance(labels, Iterable):
        raise ParameterError(
            Problem(
                what=f"labels_of_item={labels!r} is one value, not the labels of an item",
                parameter="labels_of_item",
                value=labels,
                allowed=("a list", "a Series", "a mapping of annotator to label"),
                next_step="Write for example update(['spam', 'spam', 'ham']).",
            )
        )
    values = list(labels.values()) if isinstance(labels, Mapping) else list(labels)
    return [v for v in values if not _is_missing(v)]


def _is_missing(value: object) -> bool:
    if isinstance(value, str):
        return not value.strip()
    return not isinstance(value, Collection) and bool(pd.isna(value))  # type: ignore[call-overload]  # any scalar


def spelled(value: object) -> str:
    """Return one spelling for labels that mean the same class: 1, 1.0 and "1"."""
    whole = isinstance(value, float | np.floating) and float(value).is_integer()
    return str(int(value)) if whole else str(value)  # type: ignore[call-overload]  # whole means it is a float


def fixed_weights(weights: WeightsLike, schema: LabelSchema | None) -> Weights | None:
    """Return the weights over the declared classes; None for identity over classes yet unknown.

    Raises
    ------
    ParameterError
        If the weights depend on the data, or on classes that were not declared.
    """
    if isinstance(weights, str):
        check_choice("weights", weights, names.WEIGHTS)
        _check_fixed(weights)
    if schema is not None:
        return make_weights(weights, schema)
    if isinstance(weights, str) and weights == "identity":
        return None
    raise ParameterError(
        Problem(
            what=f"{weights_name(weights)} weights need the classes before the first item",
            parameter="classes",
            allowed=("all classes in their order",),
            next_step="Write for example classes=['low', 'mid', 'high'].",
        )
    )


def _check_fixed(weights: str) -> None:
    if weights not in FIXED_WEIGHTS:
        raise ParameterError(
            Problem(
                what=f"{weights} weights depend on all labels, so they would change from look to look",
                parameter="weights",
                value=weights,
                allowed=FIXED_WEIGHTS,
                next_step="For ordered classes take weights='ordinal'.",
            )
        )


def check_alpha(alpha: float) -> None:
    """Raise :class:`ParameterError` unless `alpha` is a probability."""
    check_between("alpha", alpha, 0, 1, what="a probability of a wrong claim", example="0.05")


def check_coefficient(coefficient: str) -> None:
    """Raise :class:`ParameterError` unless there is a sequential test of `coefficient`."""
    if coefficient not in COEFFICIENTS:
        raise ParameterError(
            Problem(
                what=f"coefficient={coefficient!r} has no sequential test",
                parameter="coefficient",
                value=coefficient,
                allowed=COEFFICIENTS,
                next_step="Choose one of these, or plan a fixed study: labelqa.plan_agreement_study(...).",
            )
        )


def check_target(target: float) -> None:
    """Raise :class:`ParameterError` unless agreement can exceed `target`."""
    check_between("target", target, -1, 1, what="a value that agreement can exceed", example="0.667")
