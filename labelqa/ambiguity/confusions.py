"""The entry point: which pairs of classes overlap, how sure that is, and what to do about each."""

from __future__ import annotations

import math
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from labelqa.ambiguity.advice import ENOUGH_ITEMS, NOTHING_UNUSUAL, Leaning, PairFigures, Person, advise
from labelqa.ambiguity.chance import LEVEL, MARGIN, BeyondChance, beyond_chance
from labelqa.ambiguity.confusions_result import COLUMNS, ClassConfusions
from labelqa.ambiguity.direction import LabelEntries, Sides, sides_of
from labelqa.ambiguity.gains import alpha_of, information_lost, merge_gains
from labelqa.ambiguity.measures import Measured, indistinguishabilities, split_rates
from labelqa.ambiguity.model_labels import with_model
from labelqa.ambiguity.sums import PairSums, pair_sums
from labelqa.annotations.schema import LabelSchema
from labelqa.annotations.table import Annotations
from labelqa.counts.patterns import WHO_UNKNOWN, CountPatterns, as_patterns
from labelqa.counts.who import WhoCounts
from labelqa.errors import ParameterError, Problem, is_between
from labelqa.inference.intervals import check_level
from labelqa.reliability.estimate import Data
from labelqa.results import as_percent
from labelqa.text import counted

Floats = npt.NDArray[np.float64]
LEAST_SPLIT = 3  # items: fewer may be a slip each
RANKED_BY = ["flagged", "often", "indistinguishability", "n_items"]
NEAR_CHANCE = 0.1  # Krippendorff's alpha under which no single border can be blamed
GUESSING = "Overall agreement is near guessing: look at the task as a whole first, single borders cannot be blamed."
MOST_LEFT_OUT = 12  # annotators who are left out one by one, those with most labels on a pair first
NOT_LUCK = 0.01  # chance that any pair of unrelated classes gains by being merged
JUDGED_FOR_DIRECTION = 200  # pairs, the most confused first: the test looks at every label of a pair
SECOND_LOOK = "label and model differ on these items: have some labeled by a second person before you change the rule"
NEVER_TWICE = "no two people ever agreed on one of the two classes, so that how alike they are is a rough figure"
WHO_IS_OPEN = "too few labels of each annotator on these items to tell who leans to which side"
NO_SECOND = (
    "no item has two labels; have a sample labeled by a second person, or take the class probabilities of a model as "
    "a second opinion"
)


def class_confusions(
    data: Data | Sequence[Hashable] | npt.NDArray[np.generic] | pd.Series,
    tolerance: float = 0.10,
    *,
    pred_probs: npt.NDArray[np.floating] | pd.DataFrame | None = None,
    classes: Sequence[Hashable] | None = None,
    confidence: float = 0.95,
) -> ClassConfusions:
    """Pairs of classes whose border is unclear, with intervals, error control and advice.

    Parameters
    ----------
    data : Annotations, CountPatterns, or labels (n,)
        Labels of one round, n items by m annotators in k classes. From count patterns made without ``annotator=``
        nothing is said of single annotators (``direction_p`` is nan). With `pred_probs`: one label an item.
    tolerance : float
        Share of split label pairs that is tolerated: a pair is flagged where the lower end of the interval of its
        split rate is above it (and three items or more split), or where it splits beyond chance.
    pred_probs : float (n, k) or DataFrame, optional
        Out-of-sample class probabilities, where only one person labeled: the most probable class of each item is
        taken as a second opinion, and the result says so.
    classes : sequence, optional
        Classes of the columns of `pred_probs`; by default the column names of a frame, else the labels in natural
        order.
    confidence : float
        Level of the intervals.

    Returns
    -------
    ClassConfusions
        One row a pair of classes that met on an item.

    Raises
    ------
    ParameterError
        If `tolerance` or `confidence` is not a share, or `pred_probs` does not fit the labels.
    RoundsError
        If annotations hold more than one round.

    References
    ----------
    Darroch, J. N. & McCloud, P. I. (1986). Austral. J. Statist. 28, 371-388. Krippendorff, K. (2011). Computing
    Krippendorff's alpha-reliability. The test against chance: :mod:`labelqa.ambiguity.chance`.

    Examples
    --------
    >>> import pandas as pd
    >>> wide = pd.DataFrame({"ann": list("xxxyyyzz"), "ben": list("xxyyyxzz")})
    >>> found = class_confusions(Annotations.from_wide(wide))
    >>> found.to_frame()[["class_a", "class_b", "n_items", "disagreement"]].values.tolist()
    [['x', 'y', 2, 0.3333333333333333]]
    """
    _check_tolerance(tolerance)
    check_level(confidence)
    if classes is not None and pred_probs is None:
        raise ParameterError(
            Problem(
                what="classes names the columns of pred_probs, which are not given",
                parameter="classes",
                next_step="Leave it out: labels of annotators know their classes.",
            )
        )
    notes: tuple[str, ...] = ()
    source = "labels of annotators"
    if pred_probs is not None:
        data, notes = with_model(data, pred_probs, classes)
        source = "labels and a model's opinion"
    patterns = as_patterns(data)
    who = WhoCounts.of(data)[0] if isinstance(data, Annotations) else patterns.who
    found = measured(patterns, who, tolerance=tolerance, confidence=confidence)
    found = replace(found, source=source, notes=(*notes, *found.notes))
    if pred_probs is not None:
        found = replace(found, frame=_by_a_model(found.frame))
    return replace(found, notes=(*found.notes, *_remarks(found)))


def _by_a_model(frame: pd.DataFrame) -> pd.DataFrame:
    """Advise no more than a second look where the second opinion is a model's."""
    firm = frame["flagged"].to_numpy()
    return frame.assign(
        advice=np.where(firm, "clarify", frame["advice"]).astype(object),
        advice_reason=np.where(firm, SECOND_LOOK, frame["advice_reason"]).astype(object),
    )


def _check_tolerance(tolerance: object) -> None:
    if not is_between(tolerance, math.nextafter(0, -1), 1):
        shown = repr(tolerance) if isinstance(tolerance, int | float | str) else f"a {type(tolerance).__name__}"
        raise ParameterError(
            Problem(
                what=f"tolerance={shown} is not a share of label pairs",
                parameter="tolerance",
                value=shown,
                allowed=("a number from 0 up to but not including 1, for example 0.1",),
                next_step="" if isinstance(tolerance, int | float | str) else "Pass probabilities as pred_probs=.",
            )
        )


def measured(patterns: CountPatterns, who: WhoCounts | None, *, tolerance: float, confidence: float) -> ClassConfusions:
    """Return the confusions of counted labels."""
    sums = pair_sums(patterns)
    split, alike, gain = (f(sums, confidence) for f in (split_rates, indistinguishabilities, merge_gains))
    chance = beyond_chance(sums)
    above = (split.low > tolerance) & (sums.of_pair("items") >= LEAST_SPLIT)
    total = float(sums.of_pair("x").sum())
    columns: dict[str, object] = {
        "n_items": sums.of_pair("items").round().astype(np.int64),
        "coincidences": sums.of_pair("x"),
        "share_of_disagreement": sums.of_pair("x") / (total or 1.0),
        "disagreement": split.estimate,
        "disagreement_low": split.low,
        "disagreement_high": split.high,
        "indistinguishability": alike.estimate,
        "indistinguishability_low": alike.low,
        "indistinguishability_high": alike.high,
        "smoothed": (sums.classes.alike[sums.a] == 0) | (sums.classes.alike[sums.b] == 0),
        "expected": chance.expected,
        "p_value": chance.p_value,
        "p_adjusted": chance.p_adjusted,
        "beyond_chance": chance.found,
        "above_tolerance": above,
        "flagged": chance.found | above,
        "merge_gain": gain.estimate,
        "merge_gain_low": gain.low,
        "merge_gain_high": gain.high,
        "information_lost": information_lost(sums),
        "surely_gains": _surely_gains(gain, chance, confidence, sums),
    }
    frame = pd.DataFrame({"a": sums.a, "b": sums.b, **columns})
    often = frame["n_items"] >= LEAST_SPLIT  # among rare classes one slip looks like two names of one class
    ranked = frame.assign(often=often).sort_values(RANKED_BY, ascending=False, kind="stable")
    frame = ranked.drop(columns="often")
    frame = _in_words(frame.reset_index(drop=True), patterns.schema, who, tolerance)
    used = int((sums.classes.labels > 0).sum())
    return ClassConfusions(
        frame=frame[list(COLUMNS)],
        classes=tuple(patterns.schema.classes),
        n_items=sums.n,
        n_pairs=used * (used - 1) // 2,
        tolerance=tolerance,
        confidence=confidence,
        source="",
        no_chance_because=chance.undefined_because,
        no_direction_because=None if who is not None else patterns.who_unknown_because or WHO_UNKNOWN,
        notes=(GUESSING,) if alpha_of(sums) < NEAR_CHANCE else (),
        undefined_because=None if sums.n else NO_SECOND,
    )


def _surely_gains(gain: Measured, chance: BeyondChance, confidence: float, sums: PairSums) -> npt.NDArray[np.bool_]:
    """Tell which merges raise agreement even if one looks at all pairs: labels given at random gain nothing."""
    from scipy.special import ndtri

    used = int((sums.classes.labels > 0).sum())
    needed = ndtri(1 - NOT_LUCK / max(used * (used - 1), 2)) / ndtri(0.5 + confidence / 2)
    sure = gain.estimate > needed * (gain.estimate - gain.low)
    return sure & (chance.found | (chance.undefined_because is not None))


def _in_words(frame: pd.DataFrame, schema: LabelSchema, who: WhoCounts | None, tolerance: float) -> pd.DataFrame:
    """Add names, reasons, who leans to which side, and the advice."""
    names = np.empty(schema.k, dtype=object)
    names[:] = schema.classes
    frame = frame.assign(class_a=names[frame["a"]], class_b=names[frame["b"]])
    judged = frame.head(JUDGED_FOR_DIRECTION)
    entries = None if who is None else LabelEntries.of(who)
    sides = [
        None if entries is None else sides_of(entries, a, b) for a, b in zip(judged["a"], judged["b"], strict=True)
    ]
    rows = judged.to_dict("records")
    told = [_Told.of(row, side, who, schema) for row, side in zip(rows, sides, strict=True)]
    p_values = np.full(len(frame), math.nan)
    p_values[: len(sides)] = [math.nan if s is None else s.p_value for s in sides]
    reasons = [_reason(row, tolerance) for row in frame[frame["flagged"]].to_dict("records")]  # they come first
    return frame.assign(
        direction_p=p_values,
        leaning=_filled(frame, [t.leaning for t in told], None),
        leans_to=_filled(frame, [t.leans_to for t in told], None),
        advice=_filled(frame, [t.advice for t in told], "none"),
        advice_reason=_filled(frame, [t.reason for t in told], NOTHING_UNUSUAL),
        reason=_filled(frame, reasons, ""),
        caution=_cautions(frame, p_values, known=who is not None),
    )


def _filled(frame: pd.DataFrame, first: Sequence[object], rest: object) -> pd.Series:
    """Return a column whose first rows are given."""
    return pd.Series([*first, *[rest] * (len(frame) - len(first))], dtype=object)


@dataclass(frozen=True, slots=True)
class _Told:
    leaning: object
    leans_to: object
    advice: str
    reason: str

    @classmethod
    def of(cls, row: dict[Hashable, object], side: Sides | None, who: WhoCounts | None, schema: LabelSchema) -> _Told:
        leaning = None if side is None or who is None else leaning_person(side, who, row)
        shared = (
            "n_items", "flagged", "disagreement", "indistinguishability", "indistinguishability_low",
            "indistinguishability_high", "smoothed", "merge_gain", "surely_gains", "information_lost",
        )  # fmt: skip
        figures = PairFigures(
            class_a=str(row["class_a"]),
            class_b=str(row["class_b"]),
            n_classes=schema.k,
            direction_p=math.nan if side is None else side.p_value,
            leaning=leaning,
            person=None if side is None or who is None or not row["flagged"] else lone_person(side, who, row),
            **{name: row[name] for name in shared},  # type: ignore[arg-type]  # columns of the frame
        )
        advice, reason = advise(figures)
        return cls(leaning and leaning.name, leaning and leaning.leans_to, advice, reason)


def leaning_person(side: Sides, who: WhoCounts, row: dict[Hashable, object]) -> Leaning | None:
    """Return the annotator who leans most to one side of a pair; None where nobody can be told."""
    scores = side.z_scores
    if side.p_value != side.p_value or not scores.size:  # nan
        return None
    at = int(np.argmax(np.abs(scores)))
    to_a = scores[at] > 0
    chosen = side.says_a if to_a else side.labels - side.says_a
    rest = float(side.labels.sum() - side.labels[at])
    return Leaning(
        name=who.annotators[at],
        leans_to=str(row["class_a"] if to_a else row["class_b"]),
        chose=round(float(chosen[at])),
        of=round(float(side.labels[at])),
        others=float(chosen.sum() - chosen[at]) / rest if rest else math.nan,
    )


def lone_person(side: Sides, who: WhoCounts, row: dict[Hashable, object]) -> Person | None:
    """Return the annotator without whom a pair splits least; None where fewer than three labeled its split items."""
    people = np.argsort(-side.labels, kind="stable")[:MOST_LEFT_OUT]
    people = people[side.labels[people] > 0]
    if people.size < 3:
        return None
    rates = [_rate_without(who, int(p), row) for p in people]
    at = int(np.argmin([1.0 if r != r else r for r in rates]))
    return Person(name=who.annotators[int(people[at])], without=rates[at])


def _rate_without(who: WhoCounts, annotator: int, pair: dict[Hashable, object]) -> float:
    """Return the split rate of a pair without the labels of one annotator."""
    row, people, label = who.codes
    mine = np.flatnonzero(people != annotator)
    p, times = who.multiplicity.size, who.multiplicity.astype(np.float64)
    size = np.bincount(row[mine], minlength=p)
    n_a, n_b = (np.bincount(row[mine[label[mine] == pair[c]]], minlength=p) for c in ("a", "b"))
    weight = np.where(size > 1, times / np.maximum(size - 1, 1), 0.0)
    split = 2 * float(weight @ (n_a * n_b))
    alike = float(weight @ (n_a * (n_a - 1) + n_b * (n_b - 1)))
    return split / (split + alike) if split + alike > 0 else math.nan


def _reason(row: dict[Hashable, object], tolerance: float) -> str:
    """Say why a pair is flagged."""
    told = []
    if row["beyond_chance"]:
        times = float(str(row["coincidences"])) / max(float(str(row["expected"])), 1e-9)
        told.append(f"{times:.1f} times as often as chance explains" if times < 100 else "far more often than chance")
    if row["above_tolerance"]:
        low = as_percent(float(str(row["disagreement_low"])), 1)
        told.append(f"at least {low} of label pairs split, more than the {as_percent(tolerance)} tolerated")
    return "; ".join(told)


def _cautions(frame: pd.DataFrame, direction_p: Floats, *, known: bool) -> pd.Series:
    few = [f"only {counted(n, 'item')} split: the interval may be too narrow" for n in range(ENOUGH_ITEMS)]
    told = [few[n] if n < ENOUGH_ITEMS else "" for n in frame["n_items"].tolist()]
    silent = known & frame["flagged"].to_numpy() & np.isnan(direction_p)
    remarks = zip(told, frame["smoothed"], silent, strict=True)
    return pd.Series(
        ["; ".join(filter(None, (few, NEVER_TWICE * bool(s), WHO_IS_OPEN * bool(w)))) for few, s, w in remarks],
        dtype=object,
    )


def _remarks(found: ClassConfusions) -> list[str]:
    if found.undefined_because:
        return []
    told = []
    if found.no_chance_because:
        told.append(f"No test against chance: {found.no_chance_because}.")
    else:
        told.append(
            f"Beyond chance: more than {MARGIN:g} times what the confusion of each class with all others explains "
            "(5% false discoveries)."
        )
        hidden = (found.frame["p_adjusted"] <= LEVEL) & ~found.frame["beyond_chance"]
        if hidden.any():
            told.append(
                f"{counted(int(hidden.sum()), 'more pair')} would stand out too, but so few classes cannot show more "
                "pairs beyond chance at once."
            )
    if found.no_direction_because:
        told.append(f"Nothing is said of single annotators: {found.no_direction_because}.")
    return told
