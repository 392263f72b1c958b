"""Drafts: saving against an outdated guideline never overwrites what somebody else published."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from labelqa.errors import check_kind
from labelqa.guidelines.diff import diff_guidelines
from labelqa.guidelines.diff_result import GuidelineDiff
from labelqa.guidelines.document import Guideline
from labelqa.guidelines.markdown import guideline_markdown
from labelqa.guidelines.merging import three_way
from labelqa.guidelines.merging_result import ThreeWay
from labelqa.guidelines.versions import GuidelineVersion
from labelqa.results import Result
from labelqa.text import harmless, shortened


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A guideline that is being written.

    Attributes
    ----------
    author : str
        Who writes it.
    base : GuidelineVersion
        The version that it was made from.
    guideline : Guideline
        What is written so far.
    """

    author: str
    base: GuidelineVersion
    guideline: Guideline


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class DraftConflict(Result):
    """A draft whose base is no longer in force: both texts, and what to do about it.

    Attributes
    ----------
    author : str
        Who wrote the draft.
    base, theirs : GuidelineVersion
        The version that the draft was made from, and the one in force.
    yours : Guideline
        The draft.
    diff : GuidelineDiff
        From theirs to yours.
    their_diff, your_diff : GuidelineDiff
        From the base to theirs, and to yours.
    merge : ThreeWay
        Who changed what; ``merge.merged`` is both, offered where no part was changed twice.
    """

    author: str
    base: GuidelineVersion
    theirs: GuidelineVersion
    yours: Guideline
    diff: GuidelineDiff
    their_diff: GuidelineDiff
    your_diff: GuidelineDiff
    merge: ThreeWay

    @property
    def merged(self) -> Guideline | None:
        """The guideline with the changes of both, for people to read and save; None where parts are in conflict."""
        return self.merge.merged

    @property
    def base_text(self) -> str:
        """What the draft was made from, as Markdown."""
        return guideline_markdown(self.base.guideline)

    @property
    def theirs_text(self) -> str:
        """What is in force, as Markdown."""
        return guideline_markdown(self.theirs.guideline)

    @property
    def yours_text(self) -> str:
        """The draft, as Markdown."""
        return guideline_markdown(self.yours)

    def to_frame(self) -> pd.DataFrame:
        """Return one row a part: who changed it, and its three texts."""
        return self.merge.to_frame()

    def summary(self) -> list[str]:
        """Return who published meanwhile, what, and whether both changes fit together."""
        changed = shortened(", ".join(self.their_diff.changed_rules) or "no rule", 80)
        if self.merged is not None:
            following = "  next: read .merged, then save it on the newer base"
            fit = "the changes of both fit together"
        else:
            following = "  next: .to_text(), decide, and save on the newer base"
            fit = f"both changed {shortened(', '.join(self.merge.conflicts), 80)}"
        return [
            f"Not saved: version {self.theirs.number} was published since version {self.base.number}, your base",
            f"  by {shortened(self.theirs.author, 40)}: {shortened(self.theirs.reason, 80)} ({changed})",
            f"  {fit}",
            following,
        ]

    def to_text(self) -> str:
        """Return who changed what, and the difference from what is in force to the draft."""
        head = "\n".join(self.summary()[:3])
        return harmless(f"{head}\n\n{self.merge.to_text()}\nFrom theirs to yours:\n{self.diff.to_text()}")


def check_base(draft: Draft, current: GuidelineVersion) -> DraftConflict | None:
    """Tell whether a draft may be saved: None if it may, else the conflict.

    Parameters
    ----------
    draft : Draft
        What its author wants to save.
    current : GuidelineVersion
        The version in force.

    Returns
    -------
    DraftConflict or None
        None if the base is in force, has the same content as what is in force, or the draft is what is in force.

    Raises
    ------
    ParameterError
        If `draft` is no draft or `current` no version.

    Examples
    --------
    >>> from labelqa.guidelines.starter import starter_guideline
    >>> from labelqa.guidelines.versions import next_version
    >>> start = starter_guideline(["bug"])
    >>> first = next_version((), start, author="ana", reason="start", created_utc="2024-05-01T09:00:00+00:00")
    >>> check_base(Draft(author="ben", base=first, guideline=start), first) is None
    True
    """
    check_kind("draft", draft, Draft, allowed="a Draft", next_step="Pass Draft(author=..., base=..., guideline=...).")
    check_kind("current", current, GuidelineVersion, allowed="a GuidelineVersion", next_step="Pass the one in force.")
    in_force = current.content_hash
    if current.number == draft.base.number or in_force in (draft.base.content_hash, draft.guideline.content_hash):
        return None
    base, theirs, yours = draft.base.guideline, current.guideline, draft.guideline
    return DraftConflict(
        author=draft.author,
        base=draft.base,
        theirs=current,
        yours=yours,
        diff=diff_guidelines(theirs, yours),
        their_diff=diff_guidelines(base, theirs),
        your_diff=diff_guidelines(base, yours),
        merge=three_way(base, theirs, yours),
    )
