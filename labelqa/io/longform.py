"""Which columns of a long table hold item, annotator and label: by name first, by content where names do not decide.

Every candidate triple gets a score: what the names say (0 to 4 for each role) plus what the values say. Item and
annotator together name a row; an item has several rows; a label varies within items and within annotators.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product

import numpy as np

from labelqa.io import words
from labelqa.io.profile import Profile, n_pairs, varies_within

ROLES = ("item", "annotator", "label")
IMPOSSIBLE = -99.0
MARGIN = 0.75  # by how much the best column must lead the next one
MIN_SCORE = 3.0
KEPT = 8  # candidates a role
NAMED = 2.0  # a name score from which the name alone tells the role
PLAIN = 3.5  # and from which, where all three names are so plain, no other column is thought of
Triple = tuple[Profile, Profile, Profile]


@dataclass(frozen=True, slots=True, kw_only=True)
class LongFinding:
    """The best triple of columns and how sure it is.

    Attributes
    ----------
    columns : mapping of role to column name
        Empty where nothing fits.
    score : float
        Its score.
    named : tuple of str
        Roles that the names alone tell.
    rivals : mapping of role to tuple of column names
        Roles for which another column fits as well.
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    score: float = IMPOSSIBLE
    named: tuple[str, ...] = ()
    rivals: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def find_long(
    profiles: Sequence[Profile],
    fixed: Mapping[str, str],
    *,
    rounds: Profile | None = None,
    hints: Mapping[str, float] | None = None,
) -> LongFinding:
    """Find item, annotator and label among `profiles`.

    Parameters
    ----------
    profiles : sequence of Profile
        The columns.
    fixed : mapping of role to column name
        What the user has named.
    rounds : Profile, optional
        The column of rounds, within which an annotator labels an item once.
    hints : mapping of column name to score, optional
        Columns that are the annotator for another reason than their name.
    """
    hints = hints or {}
    pools = [_candidates(role, profiles, fixed, hints) for role in ROLES]
    pairs = _Pairs(rounds, {*fixed.values(), *hints})
    scored: list[tuple[float, Triple]] = []
    for triple in product(pools[0], pools[1], pools[2]):
        if len({p.name for p in triple}) == len(ROLES) and pairs.supports(*triple):
            prior = sum(pool[p] for pool, p in zip(pools, triple, strict=True))
            scored.append((prior + pairs.score(*triple), triple))
    scored = [s for s in scored if s[0] >= MIN_SCORE or len(fixed) > 1]
    if not scored:
        return LongFinding()
    score, best = max(scored, key=lambda s: s[0])
    best = _shorter_item(best, scored)
    plain = all(NAME_SCORE[r](p.words) >= PLAIN for r, p in zip(ROLES, best, strict=True))
    asked = [] if plain else [(i, role) for i, role in enumerate(ROLES) if role not in fixed]
    rivals = {role: names for i, role in asked if (names := _rivals(i, score, best, scored))}
    named = tuple(r for r, p in zip(ROLES, best, strict=True) if r in fixed or NAME_SCORE[r](p.words) >= NAMED)
    return LongFinding(
        columns=dict(zip(ROLES, (p.name for p in best), strict=True)), score=score, named=named, rivals=rivals
    )


def best_named(role: str, profiles: Sequence[Profile]) -> tuple[Profile | None, float]:
    """Return the column whose name says most that it holds `role`, and that score."""
    scored = [(NAME_SCORE[role](p.words), p) for p in profiles]
    score, best = max(scored, key=lambda s: s[0], default=(0.0, None))
    return (best, score) if score > 0 else (None, 0.0)


NAME_SCORE: dict[str, Callable[[words.Name], float]] = {
    "item": words.item_score,
    "annotator": words.annotator_score,
    "label": words.label_score,
}


def _candidates(
    role: str, profiles: Sequence[Profile], fixed: Mapping[str, str], hints: Mapping[str, float]
) -> dict[Profile, float]:
    """Return the columns that may hold `role`, each with what its name and its own values say."""
    if hints:
        pool = _candidates(role, [p for p in profiles if p.name not in hints], fixed, {})
        hinted = {p: hints[p.name] for p in profiles if p.name in hints}
        return pool | hinted if role == "annotator" and role not in fixed else pool
    taken = {column for other, column in fixed.items() if other != role}
    if role in fixed:
        return {p: 0.0 for p in profiles if p.name == fixed[role]}
    scored = [
        (_OWN[role](p) + NAME_SCORE[role](p.words), p)
        for p in profiles
        if p.name not in taken and (p.k or (role == "label" and NAME_SCORE[role](p.words) >= NAMED))
    ]
    scored = sorted((s for s in scored if s[0] > -3.0), key=lambda s: -s[0])[:KEPT]
    return {p: score for score, p in scored}


def _item_alone(p: Profile) -> float:
    if p.is_time or words.is_reference(p.words):
        return -4.0
    return -3.0 * (p.k == 1) - 3.0 * p.is_fractional - 0.5 * words.is_metadata(p.words) * (not p.words.has_id)


def _annotator_alone(p: Profile) -> float:
    if p.is_time or p.is_fractional or p.is_prose or words.is_reference(p.words):
        return -4.0
    return -2.0 * (p.is_unique and p.n_present > 3) - 1.0 * (p.k == 1)


def _label_alone(p: Profile) -> float:
    if p.is_time or words.is_reference(p.words):
        return IMPOSSIBLE
    many = p.n_present > 5 and p.k > 0.5 * p.n_present
    score = -2.5 * p.is_prose - 2.0 * many - 1.5 * (p.is_unique and p.n_present > 5)
    score -= 1.5 * words.is_metadata(p.words) + 1.0 * (p.k == 1) + 1.5 * p.is_fractional
    return score - 0.5 * (p.n_present < 0.5 * len(p.codes)) - 2.5 * (p.k == 0)


_OWN: dict[str, Callable[[Profile], float]] = {
    "item": _item_alone,
    "annotator": _annotator_alone,
    "label": _label_alone,
}


class _Pairs:
    """Scores of columns together, each pair looked at once."""

    def __init__(self, rounds: Profile | None, given: set[str]) -> None:
        self._rounds = rounds
        self._given = given
        self._of_pair: dict[tuple[str, str], float] = {}
        self._shares: dict[tuple[str, str], float] = {}
        self._varies: dict[tuple[str, str], float] = {}

    def supports(self, item: Profile, annotator: Profile, label: Profile) -> bool:
        """Whether every role has a column that is named for it, or whose values leave no other way to read it."""
        repeats = item.n_present >= 1.3 * item.k
        if annotator.name not in self._given and words.annotator_score(annotator.words) < 1.0:
            alone = _annotator_alone(annotator) < 0 or words.is_metadata(annotator.words)
            if alone or not repeats or self._unique(item, annotator) < 0.9:
                return False
        if label.name not in self._given and words.label_score(label.words) < 1.0:
            return self._reads_as_label(item, label, repeats)
        return True

    def _reads_as_label(self, item: Profile, label: Profile, repeats: bool) -> bool:
        if words.is_metadata(label.words):  # such a name is believed, unless it differs between the labels of an item
            return repeats and self.varies(label, item) > 0.1 and _label_alone(label) >= -2.0
        return _label_alone(label) >= -0.5 and (not repeats or self.varies(label, item) > 0)

    def score(self, item: Profile, annotator: Profile, label: Profile) -> float:
        """Return what the values of the three columns say together."""
        key = (item.name, annotator.name)
        if key not in self._of_pair:
            self._of_pair[key] = self._item_and_annotator(item, annotator)
        return self._of_pair[key] + self._label(item, annotator, label)

    def _unique(self, item: Profile, annotator: Profile) -> float:
        """Return the share of rows that item and annotator (and round) tell apart."""
        key = (item.name, annotator.name)
        if key not in self._shares:
            codes = [item.codes, annotator.codes] + ([] if self._rounds is None else [self._rounds.codes])
            rows = int(np.logical_and.reduce([c >= 0 for c in codes]).sum())
            self._shares[key] = n_pairs(*codes) / rows if rows else 0.0
        return self._shares[key]

    def _item_and_annotator(self, item: Profile, annotator: Profile) -> float:
        rows = int(((item.codes >= 0) & (annotator.codes >= 0)).sum())
        if rows == 0:
            return 0.0
        unique = self._unique(item, annotator)
        score = 2.0 if unique >= 0.99 else 1.0 if unique >= 0.9 else 0.0 if unique >= 0.7 else -2.0
        repeats = rows / item.k
        score += 1.5 if repeats >= 1.3 else -0.5
        score += 0.5 if annotator.k < item.k else -0.5
        if repeats >= 1.3 and self.varies(annotator, item) < 0.02:
            score -= 3.0  # one annotator an item: that column describes the item
        if annotator.k > 1 and self.varies(item, annotator) < 0.02 and rows > annotator.k:
            score -= 3.0  # one item an annotator: that column describes the annotator
        return score

    def _label(self, item: Profile, annotator: Profile, label: Profile) -> float:
        score = 0.0
        if not item.is_unique and self.varies(label, item) == 0.0:
            score -= 1.5  # unanimous on all items: more often a property of the item
        if annotator.k > 1 and not annotator.is_unique and self.varies(label, annotator) < 0.02:
            score -= 2.0
        if label.k > item.k:
            score -= 1.0
        return score

    def varies(self, value: Profile, group: Profile) -> float:
        """Return the share of groups in which `value` differs."""
        key = (value.name, group.name)
        if key not in self._varies:
            self._varies[key] = varies_within(value.codes, group.codes)
        return self._varies[key]


def _rivals(role: int, score: float, best: Triple, scored: Sequence[tuple[float, Triple]]) -> tuple[str, ...]:
    """Return other columns that would do as well for a role; those that say the same in other words do not count."""
    near = {t[role].name: t[role] for s, t in scored if s > score - MARGIN and t[role].name != best[role].name}
    return tuple(name for name, p in near.items() if not _says_the_same(p, best[role]))


def _shorter_item(best: Triple, scored: Sequence[tuple[float, Triple]]) -> Triple:
    """Return `best` with an id in place of running text, where a column holds one for each text."""
    if not best[0].is_prose:
        return best
    same = [(s, t) for s, t in scored if t[1:] == best[1:] and not t[0].is_prose and _says_the_same(t[0], best[0])]
    return max(same, key=lambda s: s[0])[1] if same else best


def _says_the_same(a: Profile, b: Profile) -> bool:
    return a.k == b.k and n_pairs(a.codes, b.codes) == a.k
