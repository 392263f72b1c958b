"""What was found wrong with a table of annotations, where, and what to do."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass

import pandas as pd

from labelqa.errors import check_choice
from labelqa.results import Result
from labelqa.text import counted, shortened, visible

SEVERITIES = ("error", "warning", "note")  # most important first
CODES = (  # all a finding can have; tests plant a defect for each of them
    "unexpected_class", "unused_class", "similar_classes", "class_slip",
    "too_few_labels", "too_many_labels",
    "unexpected_annotator", "missing_annotator", "similar_annotators", "annotator_slip", "no_overlap",
    "annotator_apart",
    "missing_column", "empty_payload", "same_payload", "broken_text", "control_characters", "unreadable_json",
    "repeated_item", "near_repeated_item",
    "impossible_time", "too_early", "too_late", "rounds_out_of_order", "time_goes_back", "one_time",
    "negative_duration", "zero_duration", "long_duration", "duration_over_gap",
    "new_class", "gone_class", "new_column", "gone_column", "changed_type", "changed_role", "changed_level",
    "new_annotator", "gone_annotator", "shared_items",
    "share_of_classes", "share_of_annotators", "share_of_column", "share_of_missing",
)  # fmt: skip
COLUMNS = ("severity", "code", "what", "count", "where", "next_step")
EXAMPLE_COLUMNS = ("code", "value", "item", "annotator", "file", "row")
SHOWN = 3  # findings that the repr spells out


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """One place where something was found; what is not known of it is None.

    Attributes
    ----------
    value : str
        What stands there, in words.
    item, annotator : hashable or None
        Names, as in the annotations.
    file : str or None
        File that was read.
    row : int or None
        Row as a spreadsheet counts it (the header is row 1); for a frame its position from 0.
    """

    value: str
    item: Hashable | None = None
    annotator: Hashable | None = None
    file: str | None = None
    row: int | None = None

    @property
    def place(self) -> str:
        """Where it is, in words: ``labels.csv row 7, item t3, annotator ann``."""
        at = " ".join(part for part in (self.file, None if self.row is None else f"row {self.row:,}") if part)
        who = (("item", self.item), ("annotator", self.annotator))
        named = [f"{role} {shortened(name, 40)}" for role, name in who if name is not None]
        return visible(", ".join(part for part in (at, *named) if part))


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that is wrong, or may be.

    Attributes
    ----------
    severity : {"error", "warning", "note"}
        An error contradicts what was expected or cannot be right; a warning is probably wrong and changes results; a
        note is worth knowing.
    code : str
        Kind of finding, one of :data:`CODES`, stable: for programs.
    what : str
        What was found, in one or two sentences.
    count : int
        How many labels, items, classes or annotators are concerned.
    examples : tuple of Example
        The first of them, with their places.
    next_step : str
        What to do about it.
    """

    severity: str
    code: str
    what: str
    count: int
    examples: tuple[Example, ...] = ()
    next_step: str = ""

    def __post_init__(self) -> None:
        check_choice("severity", self.severity, SEVERITIES)
        check_choice("code", self.code, CODES)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class Validation(Result):
    """What was found, errors first.

    Attributes
    ----------
    n_items, n_annotations : int
        What was looked at.
    findings : tuple of Finding
        Errors, then warnings, then notes.
    skew : DataFrame
        How shares differ from the reference, one row a test: what, n_reference, n (items), p_value, p_adjusted (Holm
        over all rows), cramers_v, psi, jensen_shannon (distance, 0 to 1), largest_change, flagged, reason. Empty
        without a reference.
    not_checked : tuple of str
        What could not be looked at, and why; columns that were not compared with those of the reference too.
    """

    n_items: int
    n_annotations: int
    findings: tuple[Finding, ...]
    skew: pd.DataFrame
    not_checked: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether there is no error; warnings and notes may be there."""
        return not self.errors

    @property
    def errors(self) -> tuple[Finding, ...]:
        """The findings that contradict what was expected, or cannot be right."""
        return self._of("error")

    @property
    def warnings(self) -> tuple[Finding, ...]:
        """The findings that are probably wrong and change results."""
        return self._of("warning")

    @property
    def notes(self) -> tuple[Finding, ...]:
        """The findings that are worth knowing."""
        return self._of("note")

    def _of(self, severity: str) -> tuple[Finding, ...]:
        return tuple(f for f in self.findings if f.severity == severity)

    def to_frame(self) -> pd.DataFrame:
        """Return one row a finding: severity, code, what, count, where (the first place), next_step."""
        rows = [
            (f.severity, f.code, f.what, f.count, f.examples[0].place if f.examples else "", f.next_step)
            for f in self.findings
        ]
        return pd.DataFrame(rows, columns=list(COLUMNS)).astype({"count": "int64"})

    def examples(self, code: str | None = None) -> pd.DataFrame:
        """Return one row an example, of one `code` or all: code, value, item, annotator, file, row."""
        rows = [
            (f.code, e.value, e.item, e.annotator, e.file, e.row)
            for f in self.findings
            if code in (None, f.code)
            for e in f.examples
        ]
        return pd.DataFrame(rows, columns=list(EXAMPLE_COLUMNS), dtype=object)

    def counts_in_words(self) -> str:
        """Return how many findings of each severity there are, in words."""
        by_severity = ((len(self._of(s)), s) for s in SEVERITIES)
        return ", ".join(counted(n, word) for n, word in by_severity if n) or "nothing found"

    def summary(self) -> list[str]:
        """Return the gravest findings in a few lines."""
        head = f"{counted(self.n_annotations, 'label')} on {counted(self.n_items, 'item')}: {self.counts_in_words()}"
        lines = [f"  {f.severity}: {shortened(f.what, 150)}" for f in self.findings[:SHOWN]]
        more = len(self.findings) - SHOWN
        following = ".to_frame(), .examples()" if self.findings else "labelqa.build_report(annotations)"
        return [head, *lines, *([f"  ... and {more:,} more"] if more > 0 else []), f"  next: {following}"]
