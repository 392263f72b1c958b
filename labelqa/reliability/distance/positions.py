"""Alpha over the positions of marked texts: every character or token is a unit, nothing marked is a value too."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterator, Mapping, Sequence
from itertools import pairwise

from labelqa.annotations.structured import StructuredAnnotations
from labelqa.errors import ParameterError, Problem
from labelqa.reliability.distance import words
from labelqa.reliability.distance.figures import Figure, figure
from labelqa.reliability.distance.geometry import Span
from labelqa.reliability.distance.pairing import Together
from labelqa.reliability.distance.units import UnitSums, alpha_of

NOTHING: frozenset[Hashable] = frozenset()
Marks = list[frozenset[Hashable]]


def position_alphas(
    data: StructuredAnnotations, together: Together, lengths: Mapping[Hashable, int] | None
) -> dict[str, Figure]:
    """Return the figures alpha, alpha_position and alpha_label over positions, clustered by item.

    Raises
    ------
    ParameterError
        If `lengths` lacks an item or is shorter than its marks.
    """
    n = len(together.rows)
    whole, marked, labels = UnitSums(n), UnitSums(n), UnitSums(n)
    checked = _checked_lengths(data, together, lengths)
    for item, positions in enumerate(together.rows):
        answers: list[Sequence[Span]] = [data.values[row] for row in positions]  # type: ignore[misc]  # spans
        for size, marks in stretches(answers, checked[item]):
            _add(whole, item, marks, size)
            _add(marked, item, [frozenset(["marked"]) if m else NOTHING for m in marks], size)
            _add(labels, item, [m for m in marks if m], size)
    reason = together.impossible() or words.ONE_VALUE
    out = {}
    for name, sums in (("alpha", whole), ("alpha_position", marked), ("alpha_label", labels)):
        sample = sums.alpha()
        n_used = int(sample.terms.multiplicity.size)
        out[name] = figure(alpha_of(sample), sample, n=n_used, n_items=n_used, reason=reason)
    return out


def stretches(answers: Sequence[Sequence[Span]], length: int) -> Iterator[tuple[int, Marks]]:
    """Yield (positions, the labels each answer gives them) for the longest stretches over which nothing changes.

    Examples
    --------
    >>> [(size, [sorted(m) for m in marks]) for size, marks in stretches([[(0, 5, "A")], [(3, 5, "A")]], 6)]
    [(3, [['A'], []]), (2, [['A'], ['A']]), (1, [[], []])]
    """
    changes: dict[int, list[tuple[int, Hashable, int]]] = {0: [], length: []}
    for i, spans in enumerate(answers):
        for start, end, label in spans:
            changes.setdefault(start, []).append((i, label, 1))
            changes.setdefault(end, []).append((i, label, -1))
    active: list[Counter[Hashable]] = [Counter() for _ in answers]
    marks: Marks = [NOTHING for _ in answers]
    for first, last in pairwise(sorted(changes)):
        for i, label, step in changes[first]:
            active[i][label] += step
        for i in {i for i, _, _ in changes[first]}:
            active[i] = +active[i]  # those above 0
            marks[i] = frozenset(active[i])
        yield last - first, list(marks)


def _add(sums: UnitSums, item: int, marks: Marks, size: int) -> None:
    if len(marks) < 2:
        return
    counts = Counter(marks)
    agreeing = sum(n * (n - 1) for n in counts.values()) / (len(marks) - 1)
    sums.add(item, {label: float(n) for label, n in counts.items()}, agreeing, size)


def _checked_lengths(
    data: StructuredAnnotations, together: Together, lengths: Mapping[Hashable, int] | None
) -> list[int]:
    """Return the length of every item with two answers; without `lengths` the end of its last mark."""
    out, problems = [], []
    for positions in together.rows:
        last = max((s[1] for row in positions for s in data.values[row]), default=0)  # type: ignore[attr-defined]
        name = data.items[data.item[positions[0]]]
        length = last if lengths is None else lengths.get(name)
        if length is None or length < last:
            what = f"has no length for item {str(name)!r}" if length is None else f"says item {str(name)!r} ends at "
            what += "" if length is None else f"{length}, but a span ends at {last}"
            problems.append(Problem(what=f"lengths {what}", parameter="lengths", value=length))
        out.append(length or 0)
    if problems:
        raise ParameterError(problems)
    return out
