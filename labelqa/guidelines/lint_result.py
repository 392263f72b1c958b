"""The result of :func:`lint_guideline`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import pandas as pd

from labelqa.errors import ParameterError, Problem
from labelqa.results import Result
from labelqa.text import counted, harmless, shortened

SEVERITY: dict[str, Literal["error", "warning"]] = {
    "contradicting_example": "error",
    "item_cited_twice": "error",
    "undefined_class": "error",
    "unknown_item": "error",
    "boundary_given_twice": "warning",
    "boundary_without_example": "warning",
    "class_without_definition": "warning",
    "empty_rule": "warning",
    "quotes_item": "warning",
    "text_given_twice": "warning",
}
COLUMNS = ("rule_id", "class_name", "code", "severity", "message", "next_step")
SHOWN = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that is wrong with a guideline.

    Attributes
    ----------
    rule_id : str or None
        The rule; None for what is missing.
    class_name : str
        Its class.
    code : str
        What kind of thing: a key of :data:`SEVERITY`.
    message : str
        What is wrong, in plain words.
    next_step : str
        What to do about it.
    """

    rule_id: str | None
    class_name: str
    code: str
    message: str
    next_step: str

    @property
    def severity(self) -> Literal["error", "warning"]:
        """``error`` = the guideline contradicts itself or points nowhere; ``warning`` = it could be clearer."""
        return SEVERITY[self.code]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class GuidelineLint(Result):
    """What is wrong with a guideline.

    Attributes
    ----------
    findings : tuple of Finding
        Errors first; then in reading order.
    n_rules : int
        Rules that were looked at.
    looked_at_items : bool
        Whether texts of items were given: without them no quotes and no unknown items are found.
    """

    findings: tuple[Finding, ...]
    n_rules: int
    looked_at_items: bool

    def __len__(self) -> int:
        return len(self.findings)

    @property
    def errors(self) -> tuple[Finding, ...]:
        """Findings that are errors."""
        return tuple(f for f in self.findings if f.severity == "error")

    @property
    def warnings(self) -> tuple[Finding, ...]:
        """Findings that are warnings."""
        return tuple(f for f in self.findings if f.severity == "warning")

    def of(self, code: str) -> tuple[Finding, ...]:
        """Return the findings of one kind.

        Raises
        ------
        ParameterError
            If `code` is no kind of finding.
        """
        if code not in SEVERITY:
            what = f"code={code!r} is not known"
            raise ParameterError(Problem(what=what, parameter="code", value=code, allowed=tuple(SEVERITY)))
        return tuple(f for f in self.findings if f.code == code)

    def to_frame(self) -> pd.DataFrame:
        """Return one row a finding."""
        records = [{c: getattr(f, c) for c in COLUMNS} for f in self.findings]
        return pd.DataFrame(records, columns=list(COLUMNS), dtype=object)

    def to_dict(self) -> dict[str, object]:
        """Return a JSON-safe dictionary; every finding with its severity."""
        findings = [{c: getattr(f, c) for c in COLUMNS} for f in self.findings]
        return {**Result.to_dict(self), "findings": findings}

    def summary(self) -> list[str]:
        """Return how much was found, and the first of it."""
        if not self.findings:
            hint = "" if self.looked_at_items else "; pass items= to look for quoted items too"
            return [
                f"Nothing to correct in {counted(self.n_rules, 'rule')}{hint}",
                "  next: publish, and label a round",
            ]
        head = f"{counted(len(self.errors), 'error')}, {counted(len(self.warnings), 'warning')}"
        lines = [f"  {shortened(f.message, 110)}" for f in self.findings[:SHOWN]]
        more = "  next: .to_text()" if len(self) <= SHOWN else f"  next: .to_text() shows {len(self) - SHOWN} more"
        return [f"{head} in {counted(self.n_rules, 'rule')}", *lines, more]

    def to_text(self) -> str:
        """Return every finding with its next step."""
        if not self.findings:
            return harmless(self.summary()[0]) + "\n"
        lines = [f"{f.severity}: {f.message}\n    {f.next_step} [{f.code}]" for f in self.findings]
        return harmless("\n".join([self.summary()[0], "", *lines])) + "\n"
