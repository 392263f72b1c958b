"""Pairs of classes with an unclear border, and the evidence on one of them, shown."""

from __future__ import annotations

from labelqa.ambiguity.class_summary import ClassAmbiguity
from labelqa.ambiguity.confusions_result import ClassConfusions
from labelqa.ambiguity.evidence.prompt import NEXT_STEP
from labelqa.ambiguity.evidence.result import ConfusionEvidence
from labelqa.errors import check_kind
from labelqa.report.blocks import Column, Section, Table
from labelqa.report.document import Headline
from labelqa.report.model import Report
from labelqa.report.sections import confusions, pair
from labelqa.report.single import Shown, Told, single_report
from labelqa.report.wording import name_of
from labelqa.results import as_percent
from labelqa.text import counted


def classes_shown(found: ClassConfusions, classes: ClassAmbiguity) -> Shown:
    """Return the pairs as a section, and each class as another.

    Parameters
    ----------
    found : ClassConfusions
        The pairs.
    classes : ClassAmbiguity
        The classes of the same labels.
    """
    more = () if found.frame.empty else (_each_class(classes),)
    return Shown(title="Class pairs", headline=_headline(found), section=confusions.of_confusions(found), more=more)


def _each_class(classes: ClassAmbiguity) -> Section:
    table = Table(
        key="class_ambiguity",
        title="Each class, most disputed first",
        columns=(
            Column(key="class", title="Class"),
            Column(key="n_items", title="Items", kind="count"),
            Column(key="disagreement", title=f"Split ({as_percent(classes.confidence)} interval)", kind="share"),
            Column(key="share_of_disagreement", title="Share of all disagreement", kind="percent"),
            Column(key="confused_with", title="Unclear border with"),
        ),
        rows=classes.frame,
    )
    lead = "Split: of all label pairs with the class, how many have another class beside it."
    return Section(key="class_ambiguity", title="How unclear is each class?", lead=lead, blocks=(table,))


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
    "# 'x' or 'y'"
    """
    check_kind("evidence", evidence, ConfusionEvidence, allowed="evidence", next_step=NEXT_STEP)
    return single_report(evidence_shown(evidence))


def _headline(found: ClassConfusions) -> Headline:
    n = len(found.flagged)
    pairs = "pair of classes" if found.n_pairs == 1 else "pairs of classes"
    facts = (("items with two labels", f"{found.n_items:,}"), (pairs, f"{found.n_pairs:,}"))
    return Told(
        statement=confusions.lead(found),
        verdict="" if found.undefined_because or not n else "What to do about each is said below.",
        facts=facts,
        coefficient_title="Borders that are unclear",
        big="?" if found.undefined_because else f"{n:,}",
        below=f"of {counted(found.n_pairs, 'pair')}",
        undefined_because=found.undefined_because,
    )
