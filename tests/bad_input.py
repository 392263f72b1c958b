"""Broken and odd inputs that must be refused, each with the exact message that the user gets.

The same table is run against :func:`labelqa.read_annotations` and against the command line.
"""

from __future__ import annotations

from tests.unit.io.bad_files import FILES
from tests.unit.io.bad_tables import TABLES
from tests.unit.io.writers import BadInput

CASES: list[BadInput] = [*FILES, *TABLES]

__all__ = ["CASES", "BadInput"]
