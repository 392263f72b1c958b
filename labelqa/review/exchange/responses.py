"""What a filled file holds: one response for each assignment, none lost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields

import pandas as pd

from labelqa.results import Result
from labelqa.text import counted

ANSWERED, SKIPPED, UNANSWERED, ABSENT = "answered", "skipped", "unanswered", "absent"


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """What came back for one assignment.

    Attributes
    ----------
    assignment, annotator, item : str
        Which one.
    status : {"answered", "skipped", "unanswered", "absent"}
        Labeled; seen and left without a label on purpose; left empty; not in the file.
    label : str or None
        The class.
    comment : str
        What the annotator noted, whatever the status.
    reason : str
        How the tool calls the skipping (ignored, rejected, cancelled).
    seconds : float or None
        Time taken, where the tool measures it.
    answered_utc : str or None
        When, as the tool states it.
    row : int or None
        Row, task or line in the file.
    """

    assignment: str
    annotator: str
    item: str
    status: str
    label: str | None = None
    comment: str = ""
    reason: str = ""
    seconds: float | None = None
    answered_utc: str | None = None
    row: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class FilledFile(Result):
    """A filled file of a round.

    Attributes
    ----------
    file : str
        Its name.
    format : {"csv", "label_studio", "prodigy"}
        What it is.
    round, guideline_version : int
        Of which round, and by which version of the guideline it was labeled.
    responses : tuple of Response
        One for each assignment of the annotators in the file, in their order.
    stored : dict of str to int or None
        What became of them when they were stored: ``new``, ``corrected``, ``unchanged`` labels, and ``kept``: without
        an answer now, so that the earlier label stands. None where nothing was stored.
    """

    file: str
    format: str
    round: int
    guideline_version: int
    responses: tuple[Response, ...]
    stored: Mapping[str, int] | None = None

    @property
    def answered(self) -> tuple[Response, ...]:
        """Those with a label."""
        return self._with(ANSWERED)

    @property
    def skipped(self) -> tuple[Response, ...]:
        """Those that the annotator left without a label on purpose."""
        return self._with(SKIPPED)

    @property
    def unanswered(self) -> tuple[Response, ...]:
        """Those without an answer so far: left empty, or not in the file."""
        return self._with(UNANSWERED, ABSENT)

    @property
    def counts(self) -> dict[str, int]:
        """Number of responses of each status."""
        found = Counter(r.status for r in self.responses)
        return {status: found[status] for status in (ANSWERED, SKIPPED, UNANSWERED, ABSENT)}

    def outcome(self, earlier: Mapping[str | None, str]) -> dict[str, int]:
        """Return how many labels are new, corrected, unchanged or kept, given those stored `earlier` by assignment."""
        were = [earlier.get(r.assignment) for r in self.answered]
        now = [r.label for r in self.answered]
        unchanged = sum(a == b for a, b in zip(were, now, strict=True))
        new = sum(w is None for w in were)
        kept = sum(r.assignment in earlier for r in (*self.unanswered, *self.skipped))
        return {"new": new, "corrected": len(now) - new - unchanged, "unchanged": unchanged, "kept": kept}

    @property
    def told(self) -> str:
        """What came of the file, in words: new, corrected and unchanged labels, and rows without one."""
        found, without = self.stored, len(self.unanswered) + len(self.skipped)
        parts = [counted(len(self.answered), "label") if found is None else counted(found["new"], "new label")]
        parts += [f"{found[name]:,} {name}" for name in ("corrected", "unchanged") if found and found[name]]
        parts += [f"{len(self.skipped):,} skipped"] if self.skipped else []
        parts += [f"{len(self.unanswered):,} left empty"] if self.unanswered else []
        kept = found["kept"] if found else 0
        if kept:
            parts[-1] += f" (the earlier label stands{'' if kept == without else f' for {kept:,} of them'})"
        return ", ".join(parts)

    def _with(self, *status: str) -> tuple[Response, ...]:
        return tuple(r for r in self.responses if r.status in status)

    def to_frame(self) -> pd.DataFrame:
        """Return one row a response."""
        return pd.DataFrame([asdict(r) for r in self.responses], columns=[f.name for f in fields(Response)])

    def summary(self) -> list[str]:
        """Return what came back, and what of it was stored."""
        counts = ", ".join(f"{n:,} {status}" for status, n in self.counts.items())
        return [
            f"{self.file} ({self.format}), round {self.round}, guideline version {self.guideline_version}",
            f"  {counted(len(self.responses), 'assignment')}: {counts}",
            *([] if self.stored is None else [f"  {self.told}"]),
            "Next: .answered has the labels; .skipped and .unanswered name the others",
        ]
