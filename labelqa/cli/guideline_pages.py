"""What the commands on guidelines show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from labelqa.guidelines.diff import diff_guidelines
from labelqa.guidelines.diff_result import GuidelineDiff
from labelqa.guidelines.drafts import DraftConflict
from labelqa.guidelines.lint_result import GuidelineLint
from labelqa.guidelines.versions import GuidelineVersion
from labelqa.report.blocks import Block, Column, Points, Section, Table
from labelqa.report.single import Shown, Told
from labelqa.results import Result
from labelqa.text import counted, harmless, visible

HISTORY = (
    Column(key="version", title="Version", kind="count"),
    Column(key="created_utc", title="When (UTC)"),
    Column(key="author", title="Author", limit=24),
    Column(key="edit", title="Edit"),
    Column(key="changed", title="Changed rules", limit=40),
    Column(key="reason", title="Reason"),
)
FINDINGS = (
    Column(key="severity", title="Severity"),
    Column(key="message", title="What", limit=200),
    Column(key="next_step", title="What to do", limit=200),
)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class History(Result):
    """The versions of a guideline, oldest first."""

    versions: pd.DataFrame

    def to_frame(self) -> pd.DataFrame:
        """Return one row a version."""
        return self.versions.copy()

    def summary(self) -> list[str]:
        """Return how many there are."""
        last = self.versions.iloc[-1]
        return [
            f"{counted(len(self.versions), 'version')}; version {last['version']} is in force",
            "labelqa guidelines diff",
        ]


def history_of(versions: Sequence[GuidelineVersion]) -> History:
    """Return the versions with what each one changed."""
    rows = []
    for at, v in enumerate(versions):
        changed = diff_guidelines(versions[at - 1].guideline, v.guideline).changed_rules if at else ()
        restored = "" if v.restored_from is None else f" (restored from {v.restored_from})"
        rows.append(
            {
                "version": v.number,
                "created_utc": v.created_utc[:16].replace("T", " "),
                "author": v.author,
                "edit": v.edit,
                "changed": ", ".join(changed),
                "reason": f"{v.reason}{restored}",
                "content_hash": v.content_hash,
            }
        )
    return History(versions=pd.DataFrame(rows))


def history_shown(found: History) -> Shown:
    """Return the history as a table."""
    table = Table(key="versions", title="Versions", columns=HISTORY, rows=found.versions[::-1], shown=500)
    section = Section(key="history", title="What was published?", lead="Newest first.", blocks=(table,))
    return Shown(title="History of the guideline", headline=Told(statement=found.summary()[0]), section=section)


def diff_shown(found: GuidelineDiff) -> Shown:
    """Return a difference in sentences."""
    first, *more = [line.strip() for line in found.summary()[:-1]]
    sentences = tuple(line.removeprefix("- ") for line in found.in_words().splitlines() if line.strip())
    section = Section(key="changes", title="What changed?", lead=". ".join(more), blocks=(Points(items=sentences),))
    return Shown(
        title="Difference of two guidelines",
        headline=Told(statement=first),
        section=section,
    )


def lint_shown(found: GuidelineLint) -> Shown:
    """Return what is wrong as a table."""
    rows = found.to_frame()
    table = Table(key="findings", title="Findings", columns=FINDINGS, rows=rows, shown=500)
    blocks: tuple[Block, ...] = (table,) if len(found) else ()
    section = Section(key="lint", title="What would people stumble over?", lead="", blocks=blocks)
    return Shown(title="Check of the guideline", headline=Told(statement=_lint_line(found)), section=section)


def lint_text(found: GuidelineLint) -> str:
    """Return what is wrong for a terminal."""
    if len(found):
        return found.to_text()
    return f"{_lint_line(found)}\n"


def _lint_line(found: GuidelineLint) -> str:
    if len(found):
        return found.summary()[0]
    hint = "" if found.looked_at_items else " (add --project to look for quoted and unknown items too)"
    return f"Nothing to correct in {counted(found.n_rules, 'rule')}{hint}."


def conflict_text(found: DraftConflict, file: str, *, offer: str) -> str:
    """Return who changed what, both texts, and what to do."""
    parts = [
        found.to_text().rstrip(),
        _headed(f"In force: version {found.theirs.number} by {visible(found.theirs.author)}", found.theirs_text),
        _headed(f"Yours: {visible(file)}", found.yours_text),
        offer,
    ]
    return harmless("\n\n".join(parts))


def conflict_dict(found: DraftConflict, file: str) -> dict[str, object]:
    """Return the conflict for programs."""
    merged = found.merged
    return {
        "schema_version": 1,
        "type": "GuidelineConflict",
        "file": file,
        "base": found.base.number,
        "in_force": found.theirs.number,
        "author": found.theirs.author,
        "reason": found.theirs.reason,
        "conflicts": list(found.merge.conflicts),
        "theirs": found.theirs_text,
        "yours": found.yours_text,
        "merged": None if merged is None else merged.to_dict(),
        "diff": found.diff.to_text(),
    }


def _headed(title: str, text: str) -> str:
    return f"--- {title} ---\n{text.rstrip()}"
