"""Pairs of classes with an unclear border, and the evidence on one of them, shown."""

from __future__ import annotations

from labelqa.ambiguity.confusions_result import ClassConfusions
from labelqa.ambiguity.evidence.result import ConfusionEvidence
from labelqa.report.document import Headline
from labelqa.report.model import Report
from labelqa.report.sections import confusions, pair
from labelqa.report.single import Shown, Told, single_report
from labelqa.report.wording import name_of
from labelqa.results import as_percent


def classes_shown(found: ClassConfusions, evidence: tuple[ConfusionEvidence, ...] = ()) -> Shown:
    """Return the pairs as a section, and the evidence on some of them as further ones.

    Parameters
    ----------
    found : ClassConfusions
        The pairs.
    evidence : tuple of ConfusionEvidence
        What is known of single pairs.
    """
    more = tuple(pair.section(e, key=f"pair-{i}") for i, e in enumerate(evidence, start=1))
    return Shown(title="Class pairs", headline=_headline(found), section=confusions.of_confusions(found), more=more)


def evidence_shown(found: ConfusionEvidence) -> Shown:
    """Return the evidence on one pair."""
    title = f"{name_of(found.class_a)} or {name_of(found.class_b)}"
    headline = Told(
        statement=pair.lead(found),
        verdict=f"{confusions.ADVICE[found.advice]}." if found.advice != "none" else "",
        facts=(("disputed items", f"{found.n_split:,}"), ("agreed items", f"{found.n_only_a + found.n_only_b:,}")),
        coefficient_title="Label pairs that split",
        big=as_percent(found.disagreement),
        below=f"{as_percent(found.low)} to {as_percent(found.high)}",
    )
    return Shown(title=title, headline=headline, section=pair.section(found, with_advice=False))


def evidence_report(evidence: ConfusionEvidence) -> Report:
    """Evidence on a pair of classes as a document to work from.

    Parameters
    ----------
    evidence : ConfusionEvidence
        From :func:`labelqa.explain_confusion`.

    Returns
    -------
    Report
        With ``to_markdown()``, ``to_html()``, ``to_json()``, ``to_text()`` and ``save(path)``.

    Examples
    --------
    >>> import pandas as pd
    >>> from labelqa.ambiguity.evidence.explain import explain_confusion
    >>> from labelqa.annotations.table import Annotations
    >>> wide = pd.DataFrame({"ann": list("xxxyyyzz"), "ben": list("xxyyyxzz")})
    >>> report = evidence_report(explain_confusion(Annotations.from_wide(wide), ("x", "y")))
    >>> report.to_markdown().splitlines()[0]
    '# x or y'
    """
    return single_report(evidence_shown(evidence))


def _headline(found: ClassConfusions) -> Headline:
    n = len(found.flagged)
    facts = (("items with two labels", f"{found.n_items:,}"), ("pairs of classes", f"{found.n_pairs:,}"))
    return Told(
        statement=confusions.lead(found),
        verdict="" if found.undefined_because or not n else "Rewrite the rule for these pairs first.",
        facts=facts,
        coefficient_title="Borders that are unclear",
        big="?" if found.undefined_because else f"{n:,}",
        below=f"of {found.n_pairs:,} pairs",
        undefined_because=found.undefined_because,
    )
