"""The entry: every check on a table of annotations."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd

from labelqa.annotations.table import Annotations
from labelqa.errors import ParameterError, Problem, check_between, check_kind
from labelqa.validation.classes import check_classes
from labelqa.validation.counts import check_counts
from labelqa.validation.expect import expectation_of
from labelqa.validation.payload import check_payload
from labelqa.validation.people import check_overlap, check_people
from labelqa.validation.reference import SKEW_COLUMNS, compare
from labelqa.validation.repeats import check_repeats
from labelqa.validation.result import SEVERITIES, Finding, Validation
from labelqa.validation.subject import Subject, payload_column
from labelqa.validation.times import check_durations, check_times

CHECKS: tuple[Callable[[Subject], list[Finding]], ...] = (
    check_classes, check_counts, check_people, check_payload, check_repeats, check_times, check_durations,
    check_overlap,
)  # fmt: skip


def validate_annotations(
    annotations: Annotations,
    *,
    expect: object = None,
    reference: Annotations | None = None,
    payload: str | None = None,
    alpha: float = 0.05,
) -> Validation:
    """Return what in a table of annotations cannot be right, was not expected, or changed since before.

    Parameters
    ----------
    annotations : Annotations
        The labels.
    expect : Expectation, mapping or path, optional
        What should hold: a mapping (or a JSON file of one) with any of ``classes``, ``annotators``,
        ``labels_per_item`` (a number, or fewest and most), ``columns`` (item columns that must be filled) and
        ``time_range`` (earliest and latest time). What contradicts it is an error.
    reference : Annotations, optional
        An earlier batch: classes, columns and types that came or went, and shares, values and missing cells that
        differ. The unit of all tests is the item; Holm's procedure bounds the chance of any false finding by `alpha`.
    payload : str, optional
        Item column of what the annotators saw. By default the text, or the address of a picture or sound.
    alpha : float
        Chance of any false finding of a difference from the reference.

    Returns
    -------
    Validation
        Findings with severity, count, examples with their place, and next step; ``.ok`` is True without an error.

    Raises
    ------
    ParameterError
        If `expect` has a field that is not known, or a parameter a value that is not allowed.

    Examples
    --------
    >>> rows = [(1, "ann", "spam"), (1, "ben", "Spam "), (2, "ann", "ham"), (2, "ben", "hma")]
    >>> frame = pd.DataFrame(rows, columns=["item", "annotator", "label"])
    >>> annotations = Annotations.from_frame(frame, item="item", annotator="annotator", label="label")
    >>> found = validate_annotations(annotations, expect={"classes": ["spam", "Spam ", "ham"]})
    >>> found.ok, found.to_frame()[["severity", "code", "count"]].values.tolist()
    (False, [['error', 'unexpected_class', 1], ['warning', 'similar_classes', 2]])
    """
    next_step = "Build them with labelqa.read_annotations or Annotations.from_frame."
    check_kind("annotations", annotations, Annotations, allowed="Annotations", next_step=next_step)
    if reference is not None:
        check_kind("reference", reference, Annotations, allowed="Annotations of an earlier batch", next_step=next_step)
    check_between("alpha", alpha, 0, 1, what="a probability", example="0.05")
    subject = Subject(
        annotations=annotations, expect=expectation_of(expect), payload=_payload(annotations.item_data, payload)
    )
    findings = [finding for check in CHECKS for finding in check(subject)]
    skew = pd.DataFrame(columns=list(SKEW_COLUMNS))
    not_tested: tuple[str, ...] = ()
    if reference is not None:
        differing, skew, not_tested = compare(subject, reference, alpha)
        findings += differing
    return Validation(
        n_items=annotations.n_items,
        n_annotations=len(annotations),
        findings=tuple(sorted(findings, key=lambda f: SEVERITIES.index(f.severity))),
        skew=skew,
        not_checked=(*_not_checked(subject, reference), *not_tested),
    )


def _payload(item_data: pd.DataFrame, asked: str | None) -> str | None:
    if asked is None:
        return payload_column(item_data)
    columns = tuple(str(c) for c in item_data.columns)
    if asked not in columns:
        what = f"payload={asked!r} is not an item column"
        raise ParameterError(Problem(what=what, parameter="payload", value=asked, allowed=columns or ("none",)))
    return asked


def _not_checked(subject: Subject, reference: Annotations | None) -> tuple[str, ...]:
    found = subject.annotations
    reasons = (
        (subject.expect.classes is None, "whether classes are the right ones: none were expected"),
        (subject.payload is None, "what annotators saw: no item column holds a text or the address of a picture"),
        (subject.of_tokens, "items with the same text: they are tokens, which share their sentence"),
        (found.timestamp is None, "times: there are none"),
        (found.duration is None, "durations: there are none"),
        (reference is None, "changes since an earlier batch: no reference was given"),
    )
    return tuple(reason for applies, reason in reasons if applies)
