"""Agreement of pairwise preferences: which of two objects is better, or a tie."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from labelqa.annotations.coding import code_values
from labelqa.annotations.duplicates import ON_DUPLICATE
from labelqa.annotations.frames import as_pandas, check_columns
from labelqa.annotations.schema import natural_key, natural_order
from labelqa.annotations.structured import without_duplicates
from labelqa.annotations.structured_values import is_missing
from labelqa.errors import LabelError, Problem, check_choice
from labelqa.reliability.distance import words
from labelqa.reliability.distance.figures import Figure, FigureResult, figure
from labelqa.reliability.distance.ratios import PairRatios
from labelqa.reliability.distance.triads import count_triads
from labelqa.reliability.samples import blocks
from labelqa.results import as_percent, reason_as_object

Codes = npt.NDArray[np.int32]
Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
FIRST, TIE, SECOND = 0, 1, 2  # the object earlier in natural order is better, equal, worse
CHOICES = {"a": FIRST, "tie": TIE, "b": SECOND}
TINY = 1e-9
TRIAD_COLUMNS = ("annotator", "n_choices", "n_ties", "n_triads", "n_circular", "zeta", "reason")


@dataclass(frozen=True, slots=True, kw_only=True, repr=False, eq=False)
class PreferenceAgreement(FigureResult):
    """Agreement of pairwise preferences.

    Attributes
    ----------
    percent : float
        Mean over pairs of objects of the share of annotator pairs that chose the same.
    alpha : float
        Krippendorff's nominal alpha; by chance both objects of a pair are equally often better.
    alpha_ordinal : float
        The same with a tie between the two: squared distance 1/4 from either, which is Krippendorff's ordinal metric.
    tie_share : float
        Share of choices that are ties.
    first_shown_share : float
        Share of the other choices that fell on the object shown first (column a): far from .5 is position bias.
    consistency : pandas.DataFrame
        One row an annotator: annotator, n_choices, n_ties, n_triads, n_circular, zeta (Kendall), reason.
    n_items, n_annotators, n_annotations, n_single, n_missing : int
        Pairs of objects with a choice, annotators, choices, pairs with one choice only, rows without a choice.
    undefined_because : str or None
        Why alpha is nan.
    """

    percent: float
    alpha: float
    alpha_ordinal: float
    tie_share: float
    first_shown_share: float
    consistency: pd.DataFrame
    n_missing: int

    def summary(self) -> list[str]:
        """Return the main figures and the next step."""
        size = f"  {self.n_annotations:,} choices on {self.n_items:,} pairs by {self.n_annotators:,} annotators"
        if self.undefined_because:
            return [f"Preference alpha: undefined ({self.undefined_because})", size, "  next: .to_frame()"]
        shown = f"ties {as_percent(self.tie_share)}, shown first preferred {as_percent(self.first_shown_share)}"
        triads, circular = int(self.consistency["n_triads"].sum()), int(self.consistency["n_circular"].sum())
        return [
            f"Preference alpha: {self.headline('alpha')}",
            f"  ordinal (a < tie < b): {self.headline('alpha_ordinal')}; same choice {as_percent(self.percent, 1)}",
            f"  {shown}; {circular:,} of {triads:,} triads circular",
            size,
            "  next: .consistency, .to_frame(), .plot()",
        ]


def preference_agreement(
    data: object,
    *,
    a: str = "a",
    b: str = "b",
    annotator: str = "annotator",
    choice: str = "choice",
    context: str | None = None,
    on_duplicate: str = "error",
) -> PreferenceAgreement:
    """Agreement of pairwise preferences with ties, whatever order the two objects were shown in.

    Parameters
    ----------
    data : frame
        One row a choice.
    a, b : str
        Columns with the objects shown first and second.
    annotator : str
        Column of annotators.
    choice : str
        Column with ``a``, ``b`` or ``tie`` (any case): which was better.
    context : str, optional
        Column of what the objects answer (a prompt, a query): objects are compared within it only.
    on_duplicate : {"error", "first", "last"}
        What to do where one annotator judged one pair twice, in either order.

    Returns
    -------
    PreferenceAgreement
        Alpha and percent agreement with bootstrap intervals over pairs of objects, and each annotator's consistency.

    Raises
    ------
    ColumnError
        If a column does not exist.
    LabelError
        If a choice is not known, or a pair has twice the same object.
    DuplicateError
        If an annotator judged a pair twice and `on_duplicate` is ``"error"``.

    Notes
    -----
    (x, y) with choice a and (y, x) with choice b are one judgment. Which object of a pair is called first is arbitrary,
    so two strict choices on different pairs are opposed with probability one half, whatever the margins: the expected
    distance of n_s strict choices and n_t ties is (n_s (n_s - 1) / 2 + 2 d n_s n_t) / (n (n - 1)), with d = 1, or 1/4
    for the ordinal alpha. Renaming objects changes nothing (this symmetric form of alpha is ours).

    References
    ----------
    Krippendorff, K. (2019). Content Analysis, 4th ed., ch. 12. Kendall, M. G. & Babington Smith, B. (1940). On the
    method of paired comparisons. Biometrika 31(3/4), 324-345.

    Examples
    --------
    >>> frame = pd.DataFrame({"a": ["x", "y", "x", "z"], "b": ["y", "x", "z", "x"], "annotator": ["ann", "ben"] * 2})
    >>> result = preference_agreement(frame.assign(choice=["a", "b", "tie", "a"]))
    >>> result.percent, round(result.alpha, 3)
    (0.5, 0.333)
    """
    check_choice("on_duplicate", on_duplicate, ON_DUPLICATE)
    frame = as_pandas(data)
    roles = {"a": a, "b": b, "annotator": annotator, "choice": choice}
    roles |= {} if context is None else {"context": context}
    check_columns(frame, roles)
    chosen = pd.DataFrame({role: frame[column] for role, column in roles.items()})  # no other column gets a role
    judged = _judged(chosen, on_duplicate)
    return _result(judged)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Judged:
    """Choices (r,) brought to one direction: `pair` is of objects (low, high) in one context."""

    pair: Ints
    annotator: Codes
    choice: Ints
    shown_swapped: npt.NDArray[np.bool_]
    annotators: pd.Index
    pairs: list[tuple[int, int, int]]  # (context, low, high) by number
    n_missing: int


def _judged(frame: pd.DataFrame, on_duplicate: str) -> _Judged:
    people, names = _in_natural_order(frame["annotator"])
    objects = pd.concat([frame["a"], frame["b"]], ignore_index=True)
    code, things = code_values(objects)
    place = {thing: i for i, thing in enumerate(natural_order(things))}
    rank = np.array([*(place[t] for t in things), -1], dtype=np.int64)[code].reshape(2, -1)
    contexts = _in_natural_order(frame["context"])[0] if "context" in frame else np.zeros(len(frame), dtype=np.int32)
    choices, empty = _choices(list(frame["choice"]), rank)
    left = (people >= 0) & (rank >= 0).all(axis=0) & (contexts >= 0) & ~empty
    keep = np.flatnonzero(left)
    key = np.stack([contexts.astype(np.int64), rank.min(axis=0), rank.max(axis=0)])
    distinct, inverse = np.unique(key, axis=1, return_inverse=True)
    known = [(context, low, high) for context, low, high in distinct.T.tolist()]
    pair: Codes = inverse.reshape(-1).astype(np.int32)
    ordered = natural_order(things)
    texts = [f"{ordered[x]} against {ordered[y]}" for _, x, y in known]
    kept, _ = without_duplicates(((pair, texts), (people, names)), keep, on_duplicate)
    swapped = rank[0] > rank[1]
    return _Judged(
        pair=pair[kept].astype(np.int64),
        annotator=people[kept],
        choice=np.where(swapped, 2 - choices, choices)[kept],
        shown_swapped=swapped[kept],
        annotators=names,
        pairs=known,
        n_missing=int((~left).sum()),
    )


def _in_natural_order(column: pd.Series) -> tuple[Codes, pd.Index]:
    """Return the codes of a column (-1 where missing) and its names in natural order: row order means nothing."""
    codes, names = code_values(column)
    keys = [natural_key(name) for name in names]
    order = sorted(range(len(keys)), key=keys.__getitem__)
    place = np.full(len(order) + 1, -1, dtype=np.int32)
    place[order] = np.arange(len(order))
    return place[codes], names.take(order)


def _choices(cells: list[object], rank: Ints) -> tuple[Ints, npt.NDArray[np.bool_]]:
    """Return the code of each choice as shown, and which are missing."""
    empty = np.fromiter((is_missing(c) for c in cells), dtype=np.bool_, count=len(cells))
    out = np.full(len(cells), TIE, dtype=np.int64)
    problems = []
    for row in np.flatnonzero(~empty).tolist():
        found = CHOICES.get(str(cells[row]).strip().casefold())
        if found is None:
            what = f"choice {cells[row]!r} is not known"
            problems.append(
                Problem(what=what, file="frame", row=row, parameter="choice", value=cells[row], allowed=tuple(CHOICES))
            )
        elif rank[0, row] == rank[1, row] >= 0:
            problems.append(Problem(what="an object is compared with itself", file="frame", row=row, parameter="b"))
        else:
            out[row] = found
    if problems:
        raise LabelError(problems)
    return out, empty


def _result(judged: _Judged) -> PreferenceAgreement:
    counts = np.zeros((len(judged.pairs), 3))
    np.add.at(counts, (judged.pair, judged.choice), 1)
    sizes = counts.sum(axis=1)
    usable = counts[sizes >= 2]
    people = np.unique(judged.annotator)
    reason = _why(int(people.size), int((sizes > 0).sum()), len(usable))
    figures = _figures(usable, reason)
    strict = judged.choice != TIE
    shown_first = (judged.choice == FIRST) != judged.shown_swapped
    n = judged.choice.size
    return PreferenceAgreement(
        percent=figures["percent"].value,
        alpha=figures["alpha"].value,
        alpha_ordinal=figures["alpha_ordinal"].value,
        tie_share=float((~strict).mean()) if n else float("nan"),
        first_shown_share=float(shown_first[strict].mean()) if strict.any() else float("nan"),
        consistency=_consistency(judged),
        n_items=int((sizes > 0).sum()),
        n_annotators=int(people.size),
        n_annotations=n,
        n_single=int((sizes == 1).sum()),
        n_missing=judged.n_missing,
        undefined_because=figures["alpha"].undefined_because,
        _figures=figures,
    )


@dataclass(frozen=True, slots=True, eq=False)
class PreferenceSample:
    """Pairs of objects as sums: alpha of preferences is a function of three.

    Attributes
    ----------
    columns : float64 (n, 3)
        Per pair of objects: distances between choices divided by r_i - 1, strict choices, ties.
    tie_distance : float
        Distance of a tie from a strict choice; opposite choices have distance 1.
    """

    columns: Floats
    tie_distance: float

    def value(self) -> float:
        """Return alpha; nan where no two choices could differ."""
        return float(self._alpha(self.columns.sum(axis=0)))

    def leave_one_out(self) -> tuple[Floats, Ints]:
        """Return alpha without each pair of objects, (n,), and ones."""
        return self._alpha(self.columns.sum(axis=0) - self.columns), np.ones(len(self.columns), dtype=np.int64)

    def resample(self, n_resamples: int, rng: np.random.Generator) -> Floats:
        """Return alpha in samples of n pairs of objects drawn with replacement, (b,)."""
        n = len(self.columns)
        equal = np.full(n, 1 / n)
        draws = [rng.multinomial(n, equal, size=size) @ self.columns for size in blocks(n_resamples, n)]
        return self._alpha(np.concatenate(draws))

    def _alpha(self, sums: Floats) -> Floats:
        apart, strict, ties = sums[..., 0], sums[..., 1], sums[..., 2]
        total = strict + ties
        expected = strict * (strict - 1) / 2 + 2 * self.tie_distance * strict * ties  # over all ordered pairs
        room = np.where(expected > TINY, expected, np.nan)
        return np.asarray(1 - apart * (total - 1) / room, dtype=np.float64)


def _why(n_people: int, n_items: int, n_usable: int) -> str:
    if n_items == 0:
        return words.NO_ANSWERS
    if n_usable == 0:
        return words.ONE_ANNOTATOR if n_people == 1 else words.NO_OVERLAP
    return words.ONE_VALUE


def _figures(counts: Floats, reason: str) -> dict[str, Figure]:
    """Return the figures of pairs with two or more choices, `counts` (n, 3)."""
    n = len(counts)
    sizes = counts.sum(axis=1)
    strict = counts[:, FIRST] + counts[:, SECOND]
    opposed = 2 * counts[:, FIRST] * counts[:, SECOND]
    out: dict[str, Figure] = {}
    for name, tie_distance in (("alpha", 1.0), ("alpha_ordinal", 0.25)):
        apart = opposed + 2 * tie_distance * strict * counts[:, TIE]
        columns = np.stack([apart / np.maximum(sizes - 1, 1), strict, counts[:, TIE]], axis=1)
        sample = PreferenceSample(columns, tie_distance)
        out[name] = figure(sample.value(), sample, n=n, n_items=n, reason=reason)
    same = ((counts**2).sum(axis=1) - sizes) / np.maximum(sizes * (sizes - 1), 1)
    zero = np.zeros(n, dtype=np.int64)
    share = PairRatios(item=np.arange(n), pair=zero, top=same, bottom=np.ones(n), n_items=n, n_pairs=1)
    out["percent"] = figure(share.value(), share, n=n, n_items=n, reason=reason)
    return out


def _consistency(judged: _Judged) -> pd.DataFrame:
    rows = []
    ends = np.cumsum(np.bincount(judged.annotator, minlength=len(judged.annotators)))
    parts = np.split(np.argsort(judged.annotator, kind="stable"), ends[:-1])
    for name, mine in zip(judged.annotators, parts, strict=False):  # nobody: one empty part
        groups: dict[int, list[tuple[int, int, bool]]] = {}
        for at in mine.tolist():
            context, low, high = judged.pairs[int(judged.pair[at])]
            won = int(judged.choice[at])
            best, worst = (high, low) if won == SECOND else (low, high)
            groups.setdefault(context, []).append((best, worst, won == TIE))
        found = count_triads(list(groups.values()))
        ties = int((judged.choice[mine] == TIE).sum())
        values = (name, mine.size, ties, found.n_triads, found.n_circular, found.zeta, found.undefined_because)
        if mine.size:
            rows.append(dict(zip(TRIAD_COLUMNS, values, strict=True)))
    return reason_as_object(pd.DataFrame(rows, columns=list(TRIAD_COLUMNS)))
