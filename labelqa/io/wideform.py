"""Which columns of a wide table hold the labels of one annotator each: columns that share a vocabulary of labels."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from labelqa.io import words
from labelqa.io.profile import Profile

SHARED = 0.8  # share of a column's values that its siblings use too
MAX_CLASSES = 300
MAX_SCALE = 12
MAX_VOTES, MOST_ROWS = 50, 0.8  # votes for a class in a row; share of the rows that have the usual sum
MAX_VOTED, MIN_VOTED_ROWS = 40, 6  # votes per class are looked for among so many columns, in so many rows
QUESTIONS = words.word_set("q question item statement aspect criterion")
STEMS = words.word_set("ann anno annot r a c w j l u lbl lab an rt cd lb")


@dataclass(frozen=True, slots=True, kw_only=True)
class WideFinding:
    """Columns that look like one annotator each.

    Attributes
    ----------
    annotators : tuple of str
        Their names, in the order of the table; fewer than two where nothing fits.
    named : bool
        Whether the names say so too (``rater 1``, ``rater 2``).
    rivals : tuple of str
        Columns of another group that fits as well.
    left_out : tuple of str
        Columns with the same vocabulary that are no annotators by their name.
    votes : tuple of str
        Columns that look like votes per class.
    """

    annotators: tuple[str, ...] = ()
    named: bool = False
    rivals: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    votes: tuple[str, ...] = ()


def find_wide(profiles: Sequence[Profile]) -> WideFinding:
    """Find the annotators' columns among `profiles`."""
    usable = [p for p in profiles if _may_hold_labels(p)]
    votes = _votes(usable)
    if votes and not all(p.words.number for p in votes):
        return WideFinding(votes=tuple(p.name for p in votes))
    families = _families(usable)
    named = [(g, f) for g, f in ((_sharing(f), f) for f in families) if len(g) > 1]
    if named:
        best, family = max(named, key=lambda pair: _family_rank(pair[0]))
        found = _finding(best, usable)
        strangers = tuple(p.name for p in family if p not in best and p.name not in found.left_out)
        rivals = _names_beside(best, families)
        return replace(found, named=True, rivals=rivals, left_out=(*found.left_out, *strangers))
    clear = [g for g in map(_people, _groups(usable)) if len(g) > 1]
    if not clear:
        return WideFinding()
    best = max(clear, key=len)
    return replace(_finding(best, usable), rivals=tuple(p.name for g in clear if g is not best for p in g))


def are_questions(group: Sequence[Profile]) -> bool:
    """Whether columns are questions (``q1``, ``Is it urgent?``): one row is then somebody's answers, not an item."""
    return all((p.words.number and p.words.head in QUESTIONS) or p.name.endswith("?") for p in group)


def _people(group: Sequence[Profile]) -> list[Profile]:
    """Leave out columns whose names are words for things, or lack the word that the names of most others share."""
    group = [p for p in group if not words.is_metadata(p.words)]
    people = [p for p in group if not words.names_a_thing(p.words)]
    people = people if len(people) > 1 else group
    odd = [p for end in (0, -1) for p in _without_the_common_word(people, end)]
    return [p for p in people if p not in odd]


def _without_the_common_word(people: Sequence[Profile], end: int) -> list[Profile]:
    """Return the few columns of one word where most others share their first (or last) one: who is ``kim_v1``."""
    named = {p: [w for w in p.words.words if not w.isdigit()] for p in people if len(p.words.words) > 1}
    shared = Counter(parts[end] for parts in named.values() if parts)
    count = max(shared.values(), default=0)
    odd = [p for p in people if p not in named and not words.names_somebody(p.words)]
    return odd if count > 1 and count + len(odd) == len(people) and len(odd) < count else []


def _names_beside(best: Sequence[Profile], families: Sequence[Sequence[Profile]]) -> tuple[str, ...]:
    """Return columns ``annotator_1``, ``annotator_2`` that stand beside ``label_1``, ``label_2``: who, beside what."""
    numbers = {p.words.number for p in best}
    who = [f for f in families if not set(f) & set(best) and words.annotator_score(f[0].words) >= words.NAMED_NOUN]
    beside = [f for f in who if words.label_score(best[0].words) and {p.words.number for p in f} == numbers != {""}]
    return tuple(dict.fromkeys(p.name for f in beside for p in f))


def _finding(group: Sequence[Profile], usable: Sequence[Profile]) -> WideFinding:
    members = {p.name for p in group}
    rest = [p for p in usable if p.name not in members]
    left_out = tuple(p.name for p in rest if _shares(p, group) >= SHARED)
    return WideFinding(annotators=tuple(p.name for p in group), left_out=left_out)


def _may_hold_labels(p: Profile) -> bool:
    """Whether a column may be an annotator's: some values, that repeat or are few, and no text, time or measurement."""
    if p.k == 0 or p.k > MAX_CLASSES or p.is_time or p.is_prose or p.is_fractional:
        return False
    if words.is_reference(p.words) or not (words.CERTAINTY | words.SETTLED).isdisjoint(p.words.words):
        return False
    return p.k <= 12 or p.k < 0.7 * p.n_present


def _families(usable: Sequence[Profile]) -> list[list[Profile]]:
    """Return groups of columns whose names say that they are annotators: numbered, or with a common word."""
    numbered: dict[tuple[str, ...], list[Profile]] = defaultdict(list)
    first: dict[str, list[Profile]] = defaultdict(list)
    last: dict[str, list[Profile]] = defaultdict(list)
    for p in usable:
        parts = p.words.words
        stem = tuple(w for w in (parts[:-1] if p.words.number else parts) if not w.isdigit())
        told = p.words.head not in words.METADATA or (len(parts) > 1 and parts[1].isdigit())  # rater 1 domain 1
        if stem and _speaks_of_labels(stem) and told:
            numbered[stem].append(p)
        if len(parts) > 1 and _is_role(parts[0]) and not words.is_metadata(p.words):
            first[parts[0]].append(p)
        if len(parts) > 1 and _is_role(parts[-1]):
            last[parts[-1]].append(p)
    groups = [*numbered.values(), *first.values(), *last.values()]
    return [g for g in groups if len(g) > 1]


def _is_role(word: str) -> bool:
    return max(words.NOUNS["annotator"].get(word, 0.0), words.NOUNS["label"].get(word, 0.0)) >= words.NAMED_NOUN


def _speaks_of_labels(stem: tuple[str, ...]) -> bool:
    return any(_is_role(w) for w in stem) or (len(stem) == 1 and stem[0] in STEMS)


def _family_rank(group: Sequence[Profile]) -> tuple[float, int]:
    label = any(w in words.NOUNS["label"] for w in group[0].words.words)
    return (1.0 if label else 0.5), len(group)


def _sharing(family: Sequence[Profile]) -> list[Profile]:
    """Keep the members of a family whose values other members use too; people (``rater 1``, ...) need no such proof."""
    are_people = all(p.words.number and words.annotator_score(p.words) >= words.NAMED_NOUN for p in family)
    if are_people or all(p.reals for p in family):
        return list(family)
    return [p for p in family if _shares(p, [o for o in family if o is not p]) >= 0.5]


def _shares(p: Profile, others: Sequence[Profile]) -> float:
    """Return the share of the values of `p` that occur in `others`."""
    union = set().union(*(o.vocabulary for o in others)) | _scale([p, *others], others)
    used = sum(count for value, count in p.vocabulary.items() if value in union)
    return used / p.n_present if p.n_present else 0.0


def _scale(columns: Sequence[Profile], others: Sequence[Profile]) -> set[str]:
    """Return the steps from the lowest to the highest of `others`, where all columns are ratings on a short scale."""
    if not all(p.reals and p.k > 2 and all(v == int(v) for v in p.reals) for p in columns):
        return set()
    low, high = (int(f(v for p in others for v in p.reals)) for f in (min, max))
    return {str(v) for v in range(low, high + 1)} if high - low < MAX_SCALE else set()


def _groups(usable: Sequence[Profile]) -> list[list[Profile]]:
    """Group columns by vocabulary: each joins the first group most of whose values it shares, both ways."""
    groups: list[list[Profile]] = []
    for p in sorted(usable, key=lambda p: -p.k):
        for group in groups:
            if _shares(p, group) >= SHARED and _shares(group[0], [p]) >= 0.4:
                group.append(p)
                break
        else:
            groups.append([p])
    order = {p.name: i for i, p in enumerate(usable)}
    return [sorted(g, key=lambda p: order[p.name]) for g in groups]


def _votes(usable: Sequence[Profile]) -> tuple[Profile, ...]:
    """Return neighbouring columns that count votes per class: whole numbers with the same sum in every row."""
    counts = [p for p in usable if _may_be_votes(p)]
    if len(counts) < 2 or len(counts) > MAX_VOTED or len(counts[0].codes) < MIN_VOTED_ROWS:
        return ()
    table = np.array([_numbers(p) for p in counts])
    blocks = [(i, j) for i in range(len(counts)) for j in range(i + 2, len(counts) + 1)]
    for i, j in sorted(blocks, key=lambda b: b[0] - b[1]):
        if _one_sum(table[i:j]):
            return tuple(counts[i:j])
    return ()


def _one_sum(votes: npt.NDArray[np.float64]) -> bool:
    """Whether the columns (c, rows) add up to one number in all rows, or in most where they hold more than 0 and 1."""
    totals = votes.sum(axis=0)
    usual = np.bincount(totals.astype(np.intp)).argmax()
    share = float((totals == usual).mean())
    differ = int((votes.min(axis=1) < votes.max(axis=1)).sum())
    return bool(usual > 0 and differ > 1 and (share == 1 or (share >= MOST_ROWS and votes.max() > 1)))


def _may_be_votes(p: Profile) -> bool:
    whole = p.k <= MAX_VOTES and bool(p.reals) and all(v >= 0 and v == int(v) for v in p.reals)
    is_id = p.is_unique or words.item_score(p.words) >= words.NAMED_NOUN
    return whole and min(p.reals) == 0 and p.n_present == len(p.codes) and not is_id


def _numbers(p: Profile) -> npt.NDArray[np.float64]:
    return np.array(p.reals)[p.codes]
