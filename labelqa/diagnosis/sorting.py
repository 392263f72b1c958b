"""The entry point of triage: what is the matter with each disputed item."""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping

import numpy as np
import numpy.typing as npt

from labelqa.annotations.table import Annotations
from labelqa.counts.patterns import need_annotations
from labelqa.diagnosis.causes import FIRST_PAIR, HARD, THREE, TWO, Evidence, Floats
from labelqa.diagnosis.known import Confusions, candidate_pairs, flagged, known_rates, matched, opinion
from labelqa.diagnosis.mixture import Mixture, Pairs, fit, with_people
from labelqa.diagnosis.tables import Sorted, item_table, label_table, pair_table
from labelqa.diagnosis.triage_result import Triage
from labelqa.diagnosis.votes import Votes
from labelqa.diagnosis.weighing import weigh
from labelqa.label_issues.result import LabelIssues
from labelqa.text import counted

NO_LABELS = "there are no labels"
ONE_CLASS = "there is only one class"
NO_SECOND = "no item has a second label, and no model flagged one"
ALL_AGREE = "no item has two different labels, and no model flagged one"
LEAST = 20  # disputed items with four or more labels that tell slips from variation


def triage(
    annotations: Annotations,
    *,
    issues: LabelIssues | None = None,
    confusions: Confusions | None = None,
    error_rates: Mapping[Hashable, float] | None = None,
) -> Triage:
    """Sort every disputed or flagged item by cause: a slip, an unclear definition, genuine variation, or a hard item.

    Each cause asks for something else: a slip is relabeled; an unclear definition needs a sentence in the instruction;
    where more than one answer is right, the shares of the labels are kept; a hard item needs more labels.

    Parameters
    ----------
    annotations : Annotations
        Labels of n items by m annotators in k classes, of any number of rounds: labels that somebody gave again are
        evidence.
    issues : LabelIssues, optional
        What a model says of the items, which are matched by name: see :func:`labelqa.find_label_issues`. Best found
        without ``annotations=``, so that no label counts twice. Items that it flags are sorted, too.
    confusions : ClassConfusions, or pairs of classes, optional
        Flagged pairs are candidates for an unclear definition. By default :func:`labelqa.class_confusions` of each
        round.
    error_rates : mapping of annotator to float, optional
        How often people slip, where that is known; by default it is estimated for everybody.

    Returns
    -------
    Triage
        A row an item with the probability of each cause, the reason in words and the next action; a row an item and
        class with the probability that it is wrong; and what became of each candidate pair.

    Raises
    ------
    ParameterError
        If `annotations` are none, `issues` or `confusions` are of other items or classes, or `error_rates` names
        somebody who is not there.

    Notes
    -----
    The model is our own proposal, confirmed by simulation (``python -m tests.bench.triage``), not a published method.
    All items, unanimous ones too, are a mixture, fitted by EM: *clear* items with one true class, from which everybody
    slips at their own rate; items *between the two classes of a flagged pair*; items that *vary* between two or three
    classes of their own; and *hard* items, most of whose labels are guesses. Readings of varying and ambiguous items
    are kept (with probability 0.8) when somebody is asked again, slips and guesses are made anew. A flagged pair is
    kept only where it raises the likelihood by more than Schwarz's criterion asks: else its splits are noise. A weak
    prior (a few per cent of the disputed items) keeps every cause possible where labels cannot tell.

    With two or three labels an item and none repeated, a slip and genuine variation look much the same: hardly any item
    is then called variation, two labels never say who slipped, and words and notes say so. With two classes, variation
    and an unclear definition are the same thing: the pair decides.

    References
    ----------
    Dempster, A. P., Laird, N. M. & Rubin, D. B. (1977). J. R. Stat. Soc. B 39, 1-38 (EM). Dawid, A. P. & Skene, A. M.
    (1979). Appl. Stat. 28, 20-28 (clear items). Weber-Genzel, L. et al. (2024). VariErr NLI: separating annotation
    error from human label variation. ACL 2024, 2256-2269 (the question).

    Examples
    --------
    >>> import pandas as pd
    >>> wide = pd.DataFrame({"ann": list("xxyyz"), "ben": list("xxyyz"), "cem": list("xxyyx"), "dan": list("xxyyz")})
    >>> found = triage(Annotations.from_wide(wide))
    >>> found.items[["item", "cause", "labels", "action"]].values.tolist()
    [[4, 'slip', '3 x z, 1 x x', 'relabel']]
    """
    need_annotations(annotations)
    pairs = candidate_pairs(annotations, confusions)
    rates = known_rates(annotations, error_rates)
    rows = matched(annotations, issues)
    votes, kept = Votes.of(annotations.item, annotations.annotator, annotations.label, annotations.schema.k)
    disputed = votes.n_classes > 1
    doubted = flagged(issues, rows)[kept]
    why = _nothing(votes, disputed | doubted)
    if why is not None:
        return _empty(annotations, pairs, votes.n, why)
    mixture, rates = _fitted(votes, pairs, rates)
    chosen = np.flatnonzero(disputed | doubted)
    labels = votes.rows_of(chosen)
    evidence = Evidence(
        votes=votes.take(labels),
        error=rates[votes.annotator[labels]],
        opinion=opinion(annotations, issues, rows[kept[chosen]]),
    )
    found = Sorted.of(annotations, evidence, mixture, weigh(evidence, mixture), kept[chosen]).with_doubts(
        annotations.schema, issues, rows[kept[chosen]]
    )
    return Triage(
        items=item_table(found),
        labels=label_table(found),
        pairs=pair_table(found, pairs),
        shares=_shares(mixture),
        slip_rate=mixture.error,
        n_items=votes.n,
        n_disputed=int(disputed.sum()),
        n_flagged=int(doubted.sum()),
        notes=_notes(votes, disputed, pairs, mixture),
    )


def _nothing(votes: Votes, chosen: npt.NDArray[np.bool_]) -> str | None:
    """Return why there is no item to sort, or None."""
    if not votes.n:
        return NO_LABELS
    if votes.k < 2:
        return ONE_CLASS
    if not chosen.any():
        return ALL_AGREE if (votes.n_labels > 1).any() else NO_SECOND
    return None


def _empty(annotations: Annotations, pairs: Pairs, n: int, why: str) -> Triage:
    nothing = Sorted.nothing(annotations)
    return Triage(
        items=item_table(nothing),
        labels=label_table(nothing),
        pairs=pair_table(nothing, pairs),
        shares=dict.fromkeys(("clear", "definition", "variation", "hard"), math.nan),
        slip_rate=math.nan,
        n_items=n,
        n_disputed=0,
        n_flagged=0,
        undefined_because=why,
    )


def _fitted(votes: Votes, pairs: Pairs, rates: Floats) -> tuple[Mixture, Floats]:
    """Return the mixture, fitted to kinds of items and then to who labeled them, and everybody's slip rate (m,)."""
    first, kind = votes.kinds()
    mixture = fit(votes.take(votes.rows_of(first)), np.bincount(kind), pairs)
    return with_people(votes, mixture, rates)


def _shares(mixture: Mixture) -> dict[str, float]:
    weights = mixture.weights
    return {
        "clear": float(weights[0]),
        "definition": float(weights[FIRST_PAIR:].sum()),
        "variation": float(weights[TWO] + weights[THREE]),
        "hard": float(weights[HARD]),
    }


def _notes(votes: Votes, disputed: npt.NDArray[np.bool_], pairs: Pairs, mixture: Mixture) -> tuple[str, ...]:
    told = []
    if int((disputed & ((votes.n_labels > 3) | _asked_again(votes))).sum()) < LEAST:
        told.append(
            f"Fewer than {LEAST} disputed items have four or more labels or repeated ones: slips and genuine variation "
            "can hardly be told apart, so take the causes as a first guess."
        )
    dropped = len(pairs) - len(mixture.world.pairs)
    if dropped:
        told.append(
            f"{counted(dropped, 'pair')} of classes taken for ambiguous {'splits' if dropped == 1 else 'split'} no "
            "more than slips and variation explain (see .pairs)."
        )
    if votes.k == 2 and pairs:
        told.append("With two classes, genuine variation looks like an unclear definition and is counted there.")
    return tuple(told)


def _asked_again(votes: Votes) -> npt.NDArray[np.bool_]:
    return np.asarray(votes.n_labels > votes.n_people)
