"""What is known besides the labels: ambiguous pairs, a model's opinion, how often somebody slips."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping

import numpy as np
import numpy.typing as npt

from labelqa.ambiguity.confusions_result import ClassConfusions
from labelqa.annotations.schema import LabelSchema
from labelqa.annotations.table import Annotations
from labelqa.diagnosis.causes import Floats, Opinion
from labelqa.diagnosis.mixture import MOST_ERROR, Pairs
from labelqa.diagnosis.votes import Ints
from labelqa.errors import ParameterError, Problem, check_kind, is_between, shorten
from labelqa.label_issues.result import LabelIssues

Confusions = ClassConfusions | Iterable[tuple[Hashable, Hashable]]
DOUBT = 0.1  # share of a model's opinion that is taken for ignorance: it is never quite sure


def candidate_pairs(annotations: Annotations, confusions: Confusions | None) -> Pairs:
    """Return the pairs of classes that may be ambiguous, as ascending codes.

    Parameters
    ----------
    annotations : Annotations
        Labels.
    confusions : ClassConfusions, or pairs of classes, optional
        By default those that :func:`labelqa.class_confusions` flags in any round.

    Raises
    ------
    ParameterError
        If a pair names a class that is not there, or one class twice.
    """
    if confusions is None:
        named = _found(annotations)
    elif isinstance(confusions, ClassConfusions):
        named = _flagged(confusions)
    else:
        named = _listed(confusions)
    coded = [(pair, _codes(pair, annotations.schema)) for pair in named]
    problems = [
        Problem(
            what=f"confusions names {pair!r}, which is not a pair of two classes of the annotations",
            parameter="confusions",
            value=pair,
            allowed=annotations.schema.names,
        )
        for pair, codes in coded
        if codes is None
    ]
    if problems:
        raise ParameterError(problems)
    return tuple(sorted({codes for _, codes in coded if codes is not None}))


def _found(annotations: Annotations) -> list[tuple[Hashable, ...]]:
    from labelqa.ambiguity.confusions import class_confusions  # only where they are not given

    if annotations.schema.k < 2:
        return []
    if annotations.rounds is None or annotations.n_rounds < 2:
        return _flagged(class_confusions(annotations))
    rounds = [annotations.where(round=name) for name in annotations.rounds]
    return [pair for one in rounds for pair in _flagged(class_confusions(one))]


def _flagged(confusions: ClassConfusions) -> list[tuple[Hashable, ...]]:
    frame = confusions.frame[confusions.frame["flagged"].astype(bool)]
    return list(zip(frame["class_a"], frame["class_b"], strict=True))


def _listed(confusions: object) -> list[tuple[Hashable, ...]]:
    if isinstance(confusions, str) or not isinstance(confusions, Iterable):
        raise ParameterError(
            Problem(
                what=f"confusions is a {type(confusions).__name__}",
                parameter="confusions",
                value=type(confusions).__name__,
                allowed=("a result of labelqa.class_confusions", "pairs of classes, such as [('a', 'b')]"),
            )
        )
    return [(pair,) if isinstance(pair, str) or not isinstance(pair, Iterable) else tuple(pair) for pair in confusions]


def _codes(pair: tuple[Hashable, ...], schema: LabelSchema) -> tuple[int, int] | None:
    codes = sorted({code for code in map(schema.index_of, pair) if code is not None})
    return (codes[0], codes[1]) if len(pair) == len(codes) == 2 else None


def known_rates(annotations: Annotations, error_rates: Mapping[Hashable, float] | None) -> Floats:
    """Return how often each annotator slips, float64 (m,), nan where it is not known.

    Raises
    ------
    ParameterError
        If there is no such annotator, or a rate is not between 0 and 1.
    """
    rates = np.full(annotations.n_annotators, np.nan)
    if error_rates is None:
        return rates
    check_kind("error_rates", error_rates, Mapping, allowed="rates by annotator", next_step="Pass {'ann': 0.05}.")
    place = {str(name): at for at, name in enumerate(annotations.annotators)}
    problems = []
    for name, rate in error_rates.items():
        if str(name) not in place or not is_between(rate, -1e-12, 1):
            what = f"error_rates gives {rate!r} for {name!r}: there is no such annotator, or it is no share below 1"
            problems.append(Problem(what=what, parameter="error_rates", value=str(name), allowed=tuple(place)))
        else:
            rates[place[str(name)]] = np.clip(float(rate), 0.001, MOST_ERROR)
    if problems:
        raise ParameterError(problems)
    return rates


def matched(annotations: Annotations, issues: LabelIssues | None) -> Ints:
    """Return the row of `issues` for each item, int64 (n,), the most suspicious of several; -1 where there is none.

    Raises
    ------
    ParameterError
        If `issues` is none, or judges none of the items or classes.
    """
    rows = np.full(annotations.n_items, -1, dtype=np.int64)
    if issues is None:
        return rows
    check_kind(
        "issues", issues, LabelIssues, allowed="a result of labelqa.find_label_issues", next_step="Or leave it out."
    )
    worst_last = issues.ranking[::-1]
    row_of = dict(zip(issues.items.take(worst_last), worst_last.tolist(), strict=True))
    rows[:] = [row_of.get(name, -1) for name in annotations.items]
    if len(issues) and annotations.n_items and (rows < 0).all():
        raise _strangers("item", issues.items, annotations.items)
    if len(issues) and annotations.schema.k and (issues.schema.codes_in(annotations.schema) < 0).all():
        raise _strangers("class", issues.schema.names, annotations.schema.names)
    return rows


def _strangers(what: str, theirs: Iterable[object], ours: Iterable[object]) -> ParameterError:
    return ParameterError(
        Problem(
            what=f"no {what} of the issues is one of the annotations: {shorten(map(str, theirs), 3)}",
            parameter="issues",
            allowed=tuple(str(name) for name in ours),
            next_step="Name the rows alike: pass labels to find_label_issues as a Series with the items as its index.",
        )
    )


def opinion(annotations: Annotations, issues: LabelIssues | None, rows: Ints) -> Opinion | None:
    """Return what a model says of the items with `rows` (x,) in `issues`, -1 where it says nothing."""
    if issues is None or issues.undefined_because is not None or not (rows >= 0).any():
        return None
    k = annotations.schema.k
    to = issues.schema.codes_in(annotations.schema)
    shares = np.zeros((len(issues), k))
    shares[:, to[to >= 0]] = issues.probabilities[:, to >= 0]
    total = shares.sum(axis=1, keepdims=True)
    shares = np.where(total > 0, shares / np.where(total > 0, total, 1.0), 1 / k)
    shares = (1 - DOUBT) * shares + DOUBT / k
    usual = shares.mean(axis=0)
    known = rows >= 0
    ratio = np.where(known[:, None], np.log(shares[rows]) - np.log(usual), 0.0)
    left, whole = -(shares * np.log(shares)).sum(axis=1).mean(), -(usual * np.log(usual)).sum()
    return Opinion(ratio=ratio, known=known, sharpness=max(float(1 - left / max(whole, 1e-12)), 0.0))


def flagged(issues: LabelIssues | None, rows: Ints) -> npt.NDArray[np.bool_]:
    """Tell which items a model flags, bool (n,)."""
    if issues is None or issues.undefined_because is not None:
        return np.zeros(rows.size, dtype=np.bool_)
    return np.asarray((rows >= 0) & issues.flagged[np.maximum(rows, 0)]) if len(issues) else rows >= 0
