"""Annotators that were not expected, one annotator under two names, and who shares no item with anybody."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

import numpy as np
import numpy.typing as npt

from labelqa.annotations.names import bare_name, groups_by, plain_name, slips
from labelqa.annotations.schema import LabelSchema
from labelqa.errors import did_you_mean, shorten
from labelqa.text import counted
from labelqa.validation.result import Example, Finding
from labelqa.validation.subject import MOST_EXAMPLES, Subject

MOST_NAMES = 100_000  # more distinct ones are not compared
LEAST_EXPECTED = 5.0  # items two annotators would share by chance, from which sharing none says something
MUCH_SINGLE = 0.2  # share of items without overlap that deserves a warning


def check_people(subject: Subject) -> list[Finding]:
    """Return what is wrong with the annotators: who, under which names."""
    names = [str(a) for a in subject.annotations.annotators]
    found = _unexpected(subject, subject.annotations.annotators.tolist())
    if len(names) > MOST_NAMES:
        return found
    return [*found, *_two_names(subject, names), *_slips(subject, names)]


def check_overlap(subject: Subject) -> list[Finding]:
    """Return the items that one person labeled alone, and the annotators who share no item with anyone."""
    people = _people_of_items(subject)
    counts = people[subject.labeled]
    alone = subject.labeled[counts == 1]
    if not alone.size:
        return []
    total = subject.labeled.size
    share = alone.size / total
    out = [
        Finding(
            severity="warning" if share >= MUCH_SINGLE else "note",
            code="no_overlap",
            what=f"{alone.size:,} of {counted(total, 'item')} ({share:.0%}) were labeled by one annotator only.",
            count=int(alone.size),
            examples=tuple(subject.item(i, "labels of one annotator") for i in alone[:MOST_EXAMPLES].tolist()),
            next_step="They say nothing about agreement; have a random part of them labeled again by somebody else.",
        )
    ]
    return [*out, *_apart(subject, people)]


def _people_of_items(subject: Subject) -> npt.NDArray[np.intp]:
    """Return how many annotators labeled each item, (n,)."""
    found = subject.annotations
    keys = found.item.astype(np.int64) * max(found.n_annotators, 1) + found.annotator
    if found.n_rounds > 1:
        keys = np.unique(keys)
    return np.bincount(keys // max(found.n_annotators, 1), minlength=found.n_items)


def _apart(subject: Subject, people: npt.NDArray[np.intp]) -> list[Finding]:
    found = subject.annotations
    shared = people[found.item] > 1
    n_shared = np.bincount(found.annotator[shared], minlength=found.n_annotators)
    apart = np.flatnonzero((n_shared == 0) & (subject.n_of_annotator > 0))
    if not apart.size or found.n_annotators < 2:
        return []
    named = shorten([repr(str(found.annotators[a])) for a in apart.tolist()], 5)
    return [
        Finding(
            severity="warning",
            code="annotator_apart",
            what=f"{counted(int(apart.size), 'annotator shares', 'annotators share')} no item with anyone: {named}. "
            "How well they agree with the others cannot be said.",
            count=int(apart.size),
            examples=tuple(subject.annotator_uses(a) for a in apart[:MOST_EXAMPLES].tolist()),
            next_step="Give them some items that others labeled, or leave their labels out.",
        )
    ]


def _unexpected(subject: Subject, names: Sequence[Hashable]) -> list[Finding]:
    wanted = subject.expect.annotators
    if wanted is None:
        return []
    allowed = LabelSchema(classes=wanted)  # the same rule of what is equal: 7 and "7"
    position = [allowed.index_of(name) for name in names]
    new = [i for i, p in enumerate(position) if p is None and subject.n_of_annotator[i]]
    present = {p for i, p in enumerate(position) if subject.n_of_annotator[i]}
    absent = [str(c) for i, c in enumerate(allowed.classes) if i not in present]
    out = []
    if new:
        hints = [did_you_mean(names[i], allowed.names).removeprefix("; ") for i in new[:MOST_EXAMPLES]]
        texts = [f"{str(names[i])!r}" + (f" ({h})" if h else "") for i, h in zip(new, hints, strict=False)]
        more = f" and {len(new) - 5:,} more" if len(new) > 5 else ""
        out.append(
            Finding(
                severity="error",
                code="unexpected_annotator",
                what=f"{counted(len(new), 'annotator')} that should not occur: {', '.join(texts[:5])}{more}.",
                count=len(new),
                examples=tuple(subject.annotator_uses(i) for i in new[:MOST_EXAMPLES]),
                next_step="Correct the name in the file, leave the labels out, or add it to the expected annotators.",
            )
        )
    if absent:
        out.append(
            Finding(
                severity="warning",
                code="missing_annotator",
                what=f"{counted(len(absent), 'expected annotator')} without a label: {shorten(map(repr, absent))}.",
                count=len(absent),
                examples=tuple(Example(value=repr(a)) for a in absent[:MOST_EXAMPLES]),
                next_step="Check that the export is complete.",
            )
        )
    return out


def _two_names(subject: Subject, names: Sequence[str]) -> list[Finding]:
    """Return names that differ in nothing that tells people apart."""
    pairs = {(group[0], other) for key in (bare_name, _mailbox, _in_order) for group in groups_by(names, key)
             for other in group[1:] if _may_be_one(names[group[0]], names[other])}  # fmt: skip
    if not pairs:
        return []
    ordered = sorted(pairs)
    both = sum(_shared_items(subject, a, b) for a, b in ordered)
    labeled = (
        f" {counted(both, 'item has', 'items have')} labels under both, which count as agreement of two."
        if both
        else ""
    )
    who = list(dict.fromkeys(i for pair in ordered for i in pair))
    return [
        Finding(
            severity="warning",
            code="similar_annotators",
            what=f"{counted(len(who), 'annotator name')} may belong to fewer people: "
            f"{shorten([f'{names[a]!r} and {names[b]!r}' for a, b in ordered], 5)}.{labeled}",
            count=len(who),
            examples=tuple(subject.annotator_uses(i) for i in who[:MOST_EXAMPLES]),
            next_step="If they are one, give them one name in the file.",
        )
    ]


def _slips(subject: Subject, names: Sequence[str]) -> list[Finding]:
    """Return names one letter apart whose bearers never met on an item, although chance would have made them meet."""
    n = max(subject.labeled.size, 1)
    uses = subject.n_of_annotator
    pairs = [
        (a, b)
        for a, b in slips(names)
        if float(uses[a]) * float(uses[b]) / n >= LEAST_EXPECTED
        and bare_name(names[a]) != bare_name(names[b])
        and not _shared_items(subject, a, b)
    ]
    if not pairs:
        return []
    who = list(dict.fromkeys(i for pair in pairs for i in pair))
    return [
        Finding(
            severity="note",
            code="annotator_slip",
            what=f"Names that differ in one letter and never labeled the same item: "
            f"{shorten([f'{names[a]!r} and {names[b]!r}' for a, b in pairs], 5)}.",
            count=len(who),
            examples=tuple(subject.annotator_uses(i) for i in who[:MOST_EXAMPLES]),
            next_step="If they are one, give them one name in the file.",
        )
    ]


def _mailbox(name: str) -> str:
    """Return the part of an e-mail address that names a person, without what follows a plus sign."""
    local = plain_name(name).partition("@")[0] if name.count("@") == 1 else name
    return bare_name(local.partition("+")[0] or local) if "@" in name else bare_name(name)


def _in_order(name: str) -> str:
    """Return the words of a name in order: "Lee, Ann" is "Ann Lee"; names with digits or addresses stay as they are."""
    words = plain_name(name).replace(",", " ").split()
    is_person = len(words) > 1 and all(w.isalpha() and len(w) > 1 for w in words)
    return " ".join(sorted(words)) if is_person else bare_name(name)


def _may_be_one(a: str, b: str) -> bool:
    """Whether two names that look alike can be one: two addresses of different domains are two people."""
    domains = {plain_name(name).rpartition("@")[2] for name in (a, b) if "@" in name}
    return len(domains) < 2


def _shared_items(subject: Subject, a: int, b: int) -> int:
    found = subject.annotations
    return int(np.intersect1d(found.item[found.annotator == a], found.item[found.annotator == b]).size)
