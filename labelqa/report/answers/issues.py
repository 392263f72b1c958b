"""Label issues, shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from labelqa.label_issues.result import LabelIssues
from labelqa.report.blocks import Prose
from labelqa.report.sections import issues
from labelqa.report.single import Shown, Told
from labelqa.text import counted


def issues_shown(found: LabelIssues, *, texts: Sequence[object] | None = None, basis: Sequence[str] = ()) -> Shown:
    """Return label issues as a section.

    Parameters
    ----------
    found : LabelIssues
        The judged labels.
    texts : sequence (n,), optional
        Text of each row, shown beside its label.
    basis : sequence of str
        What the labels were judged by, in sentences.
    """
    whole = issues.section(found, texts=texts)
    how = tuple(Prose(text=text) for text in basis)
    section = replace(whole, lead=f"Judged by {found.source}.", blocks=(*how, *whole.blocks))
    return Shown(title="Label issues", headline=_headline(found), section=section)


def _headline(found: LabelIssues) -> Told:
    """Return the number of wrong labels as the number of the headline."""
    low, high = issues.ends(found)
    n = len(found)
    facts = {
        "label" if n == 1 else "labels": n,
        "class" if found.schema.k == 1 else "classes": found.schema.k,
    }
    if not found.undefined_because:
        facts["more probably wrong than right"] = int(found.flagged.sum())
    return Told(
        statement=issues.statement(found),
        verdict=issues.caution(found),
        facts=tuple((name, f"{count:,}") for name, count in facts.items()),
        coefficient_title="Labels that are probably wrong",
        big="?" if found.undefined_because else f"{round(found.expected_errors):,}",
        below=f"of {counted(n, 'label')}" + ("" if found.undefined_because else f": {low:,} to {high:,}"),
        undefined_because=found.undefined_because,
    )
