"""From annotations to a report: measure once, put into words, arrange."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from labelqa.aggregation.gold import Gold
from labelqa.annotations.table import Annotations
from labelqa.errors import check_choice
from labelqa.inference.intervals import check_level
from labelqa.label_issues.result import LabelIssues
from labelqa.reliability.levels import weights_of_level
from labelqa.reliability.names import COEFFICIENTS, KRIPPENDORFF
from labelqa.report.advice import next_steps
from labelqa.report.blocks import Notice, Section
from labelqa.report.caveats import caveats
from labelqa.report.document import Headline
from labelqa.report.findings import Findings, Options, digest, measure
from labelqa.report.legible import with_legible_names
from labelqa.report.model import Report
from labelqa.report.sections import (
    agreement,
    annotators,
    classes,
    confusions,
    consensus,
    habits,
    issues,
    items,
    pair,
    reading,
    rounds,
    slices,
    triage,
    validation,
)
from labelqa.report.wording import make_headline
from labelqa.runinfo import InputFile, RunInfo, make_run_info
from labelqa.validation.result import Validation
from labelqa.validation.validate import validate_annotations

SECTIONS = (
    "validation", "agreement", "reading", "classes", "confusions", "pair", "annotators", "consensus", "habits",
    "items", "slices", "triage", "issues", "rounds", "warnings",
)  # fmt: skip
TITLE = "Are the labels consistent?"
AT_TOP = 4  # warnings that the reader sees before anything else


def build_report(  # noqa: PLR0913  # what a user can ask of one report, all keyword-only
    annotations: Annotations,
    *,
    coefficient: str = KRIPPENDORFF,
    weights: str | None = None,
    confidence: float = 0.95,
    gold: Gold | None = None,
    label_issues: LabelIssues | None = None,
    validated: Validation | None = None,
    sections: Collection[str] | None = None,
    title: str | None = None,
    seed: int = 0,
    arguments: Mapping[str, object] | None = None,
) -> Report:
    """Measure how consistent labels are, and say it in words.

    Parameters
    ----------
    annotations : Annotations
        Labels of one or more rounds. Each round is measured; the latest is the headline.
    coefficient : str
        Coefficient of the headline, as for :func:`labelqa.agreement`; all eight are in the report.
    weights : str, optional
        Weights of all coefficients. By default those of the level of measurement: identity for nominal classes; for
        ordinal ones ``rank`` (alpha) and ``ordinal`` (all others); ``interval`` and ``ratio`` for those levels.
    confidence : float
        Level of all intervals.
    gold : mapping of item to class, or str, optional
        True classes of some items, or the item column that holds them: the consensus keeps them, and the report says
        how far its probabilities can be trusted.
    label_issues : LabelIssues, optional
        What :func:`labelqa.find_label_issues` found on labels of these items: a section of its own.
    validated : Validation, optional
        What :func:`labelqa.validate_annotations` found with your expectations or an earlier batch. By default it looks
        without either.
    sections : collection of str, optional
        Only these sections, by their keys, in the usual order; a page of the app shows few at once. By default all.
        Headline and warnings are those of the whole report. What takes long is measured only if it is shown
        (``slices``, ``triage``, ``pair``, ``consensus`` and ``habits``).
    title : str, optional
        Title of the report.
    seed : int
        Seed of what came before (a sample, a model), recorded with the report. It changes no number
        of the report: its intervals are analytic, and its permutation tests always draw the same.
    arguments : mapping, optional
        What the user asked for, recorded with the report.

    Returns
    -------
    Report
        With ``to_html()``, ``to_markdown()``, ``to_json()``, ``to_text()`` and ``save(path)``.

    Raises
    ------
    ParameterError
        If `coefficient`, `weights`, `confidence` or a section is not allowed, or `gold` names an item or class that is
        not there.
    LabelError
        If the weights need numeric labels and the labels are not.

    Examples
    --------
    >>> import pandas as pd
    >>> wide = pd.DataFrame({"ann": ["x", "x", "y", "y"], "ben": ["x", "x", "y", "x"]})
    >>> report = build_report(Annotations.from_wide(wide))
    >>> print(report.headline)
    Krippendorff's alpha is 0.53 (95% interval -1.00 to 1.00).
    """
    check_choice("coefficient", coefficient, COEFFICIENTS)
    check_level(confidence)
    by_coefficient = weights_of_level(annotations.schema.level, weights)
    for name in sections or ():
        check_choice("sections", name, SECTIONS)
    options = Options(
        coefficient=coefficient, weights=by_coefficient, confidence=confidence, gold=gold, label_issues=label_issues,
        sections=None if sections is None else frozenset(sections),
    )  # fmt: skip
    legible = with_legible_names(annotations)
    found = measure(legible, options)
    if validated is None and options.wants("validation"):
        validated = validate_annotations(legible)
    headline = make_headline(found, next_steps(found))
    invalid = None if validated is None else validation.notice(validated)
    notices = (*([] if invalid is None else [invalid]), *caveats(found))
    return Report(
        title=title or TITLE,
        headline=headline,
        notices=tuple(n for n in notices if n.level != "info")[:AT_TOP],
        sections=_sections(found, headline, notices, validated),
        run=_run_info(annotations, seed, arguments),
        read_log=annotations.read_log,
    )


def _sections(
    found: Findings, headline: Headline, notices: tuple[Notice, ...], validated: Validation | None
) -> tuple[Section, ...]:
    label_issues = found.options.label_issues
    in_order = (
        None if validated is None else validation.section(validated),
        agreement.section(found, headline),
        reading.section(found),
        classes.section(found),
        confusions.section(found),
        None if found.evidence is None else pair.section(found.evidence),
        annotators.section(found),
        None if found.consensus is None else consensus.section(found.consensus),
        None if found.people is None else habits.section(found.people),
        items.section(found),
        None if found.slices is None else slices.section(found.slices, slices.DISAGREEMENT),
        None if found.triage is None else triage.section(found.triage, found.latest),
        None if label_issues is None else _issues(found, label_issues),
        rounds.section(found),
        _warnings(notices),
    )
    return tuple(s for s in in_order if s is not None and found.options.wants(s.key))


def _issues(found: Findings, label_issues: LabelIssues) -> Section:
    return issues.section(label_issues, texts=issues.texts_of(found.latest, label_issues.items))


def _warnings(notices: tuple[Notice, ...]) -> Section:
    return Section(
        key="warnings",
        title="What could mislead you",
        lead="The most important first." if notices else "Nothing stood out.",
        blocks=notices,
    )


def _run_info(annotations: Annotations, seed: int, arguments: Mapping[str, object] | None) -> RunInfo:
    log = annotations.read_log
    inputs = [InputFile(name=s.name, sha256=s.sha256, rows=s.rows) for s in log.sources]
    if not inputs:
        inputs = [InputFile(name="frame", sha256=digest(annotations), rows=log.n_rows_read)]
    return make_run_info(arguments=arguments, seed=seed, inputs=inputs, mapping=log.mapping)
