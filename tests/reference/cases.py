"""The reference file as a table of checks: one line a published or independently computed number.

`iaa_reference.json` holds 71 small rating matrices with coefficients, standard errors and intervals. Each number says
where it was read or how it was computed (`published_origin`, `verified_by`).
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd

from labelqa.annotations.table import Annotations

COEFFICIENT = {
    "percent": "percent_agreement",
    "bp": "brennan_prediger",
    "gwet_ac1": "gwet_ac",
    "gwet_ac": "gwet_ac",
    "fleiss_kappa": "fleiss_kappa",
    "fleiss": "fleiss_kappa",
    "alpha_nominal": "krippendorff_alpha",
    "alpha": "krippendorff_alpha",
    "conger_kappa": "conger_kappa",
    "conger": "conger_kappa",
    "cohen_kappa": "cohen_kappa",
    "light_kappa": "cohen_kappa",
    "scott_pi": "scott_pi",
}
WEIGHTED = {
    "alpha_ordinal": ("krippendorff_alpha", "rank"),
    "alpha_interval": ("krippendorff_alpha", "interval"),
    "alpha_ratio": ("krippendorff_alpha", "ratio"),
    "cohen_linear": ("cohen_kappa", "linear"),
    "cohen_quadratic": ("cohen_kappa", "quadratic"),
    "cohen_weighted": ("cohen_kappa", "table"),
    "alpha_weighted": ("krippendorff_alpha", "table"),
}
PER_CLASS = {
    "alpha_category": "krippendorff_alpha",
    "fleiss_category": "fleiss_kappa",
    "cohen_category": "cohen_kappa",
}
FIELDS = {"value": "estimate", "se": "standard_error", "pa": "observed", "pe": "expected", "po": "observed"}
ABSOLUTE = 1e-9
SECOND_ROUND = "/round2"  # the second matrix of a paired study

# Numbers of the file that are not ours to give, each with its reason.
NOT_A_COEFFICIENT_HERE = {
    "icc": "intraclass correlation is not one of the eight coefficients",
    "kappa_r1_r2_squared": "the pair of columns is tested through cohen_quadratic",
    "kappa_r1_r2_equal": "the pair of columns is tested through cohen_linear",
    "paired_test": "change between rounds is tested where it is built",
}
# Where our rule, stated in the docs, differs from the number a peer printed.
BY_RULE = {
    ("degenerate_one_item_disagree", "cohen_kappa", "se"): math.nan,  # one usable item: no standard error
}
LOOSER = {
    # The variance is exactly 0; the file's 2.7e-8 is the square root of a rounding error.
    ("dkpro_sparse_disagreement", "cohen_kappa", "se"): 1e-7,
}


@dataclass(frozen=True)
class Check:
    """One number to reproduce."""

    case: str
    key: str
    field: str
    coefficient: str
    weights: str
    expected: float
    tolerance: float = ABSOLUTE

    @property
    def id(self) -> str:
        return f"{self.case}-{self.key}-{self.field}"


@cache
def cases() -> dict[str, dict[str, Any]]:
    text = (Path(__file__).parent / "iaa_reference.json").read_text(encoding="utf-8")
    return {case["name"]: case for case in json.loads(text)}


@cache
def annotations(name: str, classes: tuple[object, ...] | None = None) -> Annotations:
    case = cases()[name.removesuffix(SECOND_ROUND)]
    ratings = case["ratings2" if name.endswith(SECOND_ROUND) else "ratings"]
    if "table" in case:
        names = case["labels"]
        ratings = [[a, b] for i, a in enumerate(names) for j, b in enumerate(names) for _ in range(case["table"][i][j])]
    frame = pd.DataFrame(ratings, dtype=object)
    frame.columns = [f"rater {i + 1}" for i in range(frame.shape[1])]
    return Annotations.from_wide(frame, classes=classes)


def computed_checks() -> list[Check]:
    """Every number of the coefficients, plain and weighted, with standard errors, intervals and ingredients."""
    measured = ((name, case) for name, case in cases().items() if case["level"] != "set")
    return [
        check
        for name, case in measured
        for key, entry in case["computed"].items()
        for check in _entry(name, key, entry)
    ]


def _entry(name: str, key: str, entry: Any) -> list[Check]:
    if key == "weighted":
        return [
            check
            for scheme, by_coefficient in entry.items()
            for short, numbers in by_coefficient.items()
            for check in _checks(name, f"{scheme}.{short}", COEFFICIENT[short], scheme, numbers)
        ]
    if key == "round2":
        second = name + SECOND_ROUND
        return [c for short, v in entry.items() for c in _checks(second, short, COEFFICIENT[short], "identity", v)]
    if key in WEIGHTED:
        return _checks(name, key, *WEIGHTED[key], entry)
    return _checks(name, key, COEFFICIENT[key], "identity", entry) if key in COEFFICIENT else []


def _checks(name: str, key: str, coefficient: str, weights: str, entry: Any) -> list[Check]:
    numbers = entry if isinstance(entry, dict) else {"value": entry}
    out = []
    for field, value in numbers.items():
        if field in FIELDS:
            expected = BY_RULE.get((name, key, field), math.nan if value is None else value)
            tolerance = LOOSER.get((name, key, field), ABSOLUTE)
            out.append(Check(name, key, FIELDS[field], coefficient, weights, expected, tolerance))
        elif field == "ci95":
            out.append(Check(name, key, "low", coefficient, weights, value[0]))
            out.append(Check(name, key, "high", coefficient, weights, value[1]))
    return out


def untested_keys() -> set[str]:
    """Keys of the file that no check reads; the test holds them to the list of reasons above."""
    known = {*COEFFICIENT, *WEIGHTED, *PER_CLASS, "weighted", "round2"}
    return {k for c in cases().values() if c["level"] != "set" for k in c["computed"]} - known
