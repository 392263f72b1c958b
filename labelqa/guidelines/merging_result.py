"""The result of :func:`three_way`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import pandas as pd

from labelqa.guidelines.document import Guideline
from labelqa.results import Result
from labelqa.text import counted, harmless, shortened, visible

Status = Literal["unchanged", "theirs", "yours", "both", "conflict"]
COLUMNS = ("part", "status", "base", "theirs", "yours")
_STATUS_WORDS = {
    "theirs": "only they changed it",
    "yours": "only you changed it",
    "both": "both changed it in the same way",
    "conflict": "both changed it: one of you must decide",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class PartMerge:
    """One part of a guideline in three states.

    Attributes
    ----------
    part : str
        Id of a rule, ``title``, ``introduction``, ``classes``, or the sequence of the decision order of a class.
    status : {"unchanged", "theirs", "yours", "both", "conflict"}
        Who changed it; "both" = in the same way.
    base, theirs, yours : str or None
        Its texts; None where there is no such rule.
    """

    part: str
    status: Status
    base: str | None
    theirs: str | None
    yours: str | None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class ThreeWay(Result):
    """Who changed what since the guideline that both started from.

    Attributes
    ----------
    parts : tuple of PartMerge
        Title, introduction, classes, every rule, and decision orders in conflict.
    merged : Guideline or None
        The guideline with the changes of both: an offer for people to read. None where both changed the same part.
    renumbered : tuple of (str, str)
        Your new rules whose id was taken meanwhile, with their new ids.
    """

    parts: tuple[PartMerge, ...]
    merged: Guideline | None
    renumbered: tuple[tuple[str, str], ...]

    @property
    def conflicts(self) -> tuple[str, ...]:
        """Parts that both changed differently."""
        return tuple(p.part for p in self.parts if p.status == "conflict")

    def to_frame(self) -> pd.DataFrame:
        """Return one row a part."""
        return pd.DataFrame([{c: getattr(p, c) for c in COLUMNS} for p in self.parts], columns=COLUMNS, dtype=object)

    def summary(self) -> list[str]:
        """Return whose changes there are, and whether they fit together."""
        by_status = {s: [p.part for p in self.parts if p.status == s] for s in _STATUS_WORDS}
        lines = [f"  {s}: {shortened(', '.join(parts), 80)}" for s, parts in by_status.items() if parts]
        if self.conflicts:
            n = counted(len(self.conflicts), "part")
            return [f"Both changed the same: {n} in conflict", *lines, "  next: .to_text(), then decide and save again"]
        return ["The changes of both fit together", *lines, "  next: read .merged, then save it on the newer base"]

    def to_text(self) -> str:
        """Return every part that was changed, with its three texts where both changed it differently."""
        lines = []
        for part in (p for p in self.parts if p.status != "unchanged"):
            lines.append(f"{visible(part.part)}: {_STATUS_WORDS[part.status]}")
            if part.status == "conflict":
                texts = (("before", part.base), ("theirs", part.theirs), ("yours", part.yours))
                lines += [f"    {name:<7}" + _hanging("(removed)" if text is None else text) for name, text in texts]
        lines += [f"{old} is now {new}: the id was taken meanwhile" for old, new in self.renumbered]
        return harmless("\n".join(lines or ["nothing changed"])) + "\n"


def _hanging(text: str) -> str:
    return text.replace("\n", "\n" + " " * 11)
