"""Cells that a spreadsheet would run: labels may come from strangers, and CSV files are opened by double click.

As OWASP advises ("CSV injection"): an apostrophe in front. Numbers such as -3 stay, since they are no formulas.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

# Spreadsheets also read the full-width forms of Japanese and Chinese keyboards.
FORMULA = re.compile("[=+\\-@\t\r\n\uff1d\uff0b\uff0d\uff20].", re.DOTALL)
NUMBER = re.compile(r"[+-]?(\d[\d.,]*|[.,]\d+)([eE][+-]?\d+)?%?")


def is_formula(value: object) -> bool:
    """Whether a spreadsheet may take a text for something to compute.

    Examples
    --------
    >>> [is_formula(v) for v in ("=1+1", "@me", "-2+3", "-2", "+1.5e3", "-", "a=b", -2)]
    [True, True, True, False, False, False, False, False]
    """
    return isinstance(value, str) and bool(FORMULA.match(value)) and not NUMBER.fullmatch(value)


def defused(frame: pd.DataFrame) -> tuple[pd.DataFrame, int]:
    """Return `frame` with ``'`` in front of texts that look like formulas, and how many these are."""
    found = frame.map(is_formula)
    n = int(found.to_numpy().sum())
    return (frame.mask(found, "'" + frame.astype(str)), n) if n else (frame, 0)
