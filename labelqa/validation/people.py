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
from labelqa.validation.subject import Subject, finding_on

MOST_NAMES = 100_000  # more distinct ones are not compared
MOST_NAMED = 5  # annotators, or groups of them, that a sentence names
ONE_NAME = "If they are one, give them one name in the file."
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
    text = f"{alone.size:,} of {counted(total, 'item')} ({share:.0%}) were labeled by one annotator only."
    out = finding_on(
        alone, lambda i: subject.item(i, "labels of one annotator"),
        ("warning" if share >= MUCH_SINGLE else "note", "no_overlap", text),
        "They say nothing about agreement; have a random part of them labeled again by somebody else.",
    )  # fmt: skip
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
    named = shorten([repr(str(found.annotators[a])) for a in apart.tolist()], MOST_NAMED)
    text = (
        f"{counted(int(apart.size), 'annotator shares', 'annotators share')} no item with anyone: {named}. "
        "How well they agree with the others cannot be said."
    )
    step = "Give them some items that others labeled, or leave their labels out."
    return finding_on(apart, subject.annotator_uses, ("warning", "annotator_apart", text), step)


def _unexpected(subject: Subject, names: Sequence[Hashable]) -> list[Finding]:
    wanted = subject.expect.annotators
    if wanted is None:
        return []
    allowed = LabelSchema(classes=wanted)  # the same rule of what is equal: 7 and "7"
    position = [allowed.index_of(name) for name in names]
    new = [i for i, p in enumerate(position) if p is None and subject.n_of_annotator[i]]
    present = {p for i, p in enumerate(position) if subject.n_of_annotator[i]}
    absent = [str(c) for i, c in enumerate(allowed.classes) if i not in present]
    hints = [did_you_mean(names[i], allowed.names).removeprefix("; ") for i in new[:MOST_NAMED]]
    named = ", ".join(f"{str(names[i])!r}" + (f" ({h})" if h else "") for i, h in zip(new, hints, strict=False))
    more = f" and {len(new) - MOST_NAMED:,} more" if len(new) > MOST_NAMED else ""
    text = f"{counted(len(new), 'annotator')} that should not occur: {named}{more}."
    without = f"{counted(len(absent), 'expected annotator')} without a label: {shorten(map(repr, absent))}."
    return [
        *finding_on(
            new, subject.annotator_uses, ("error", "unexpected_annotator", text),
            "Correct the name in the file, leave the labels out, or add it to the expected annotators.",
        ),
        *finding_on(
            absent, lambda a: Example(value=repr(a)), ("warning", "missing_annotator", without),
            "Check that the export is complete.",
        ),
    ]  # fmt: skip


def _two_names(subject: Subject, names: Sequence[str]) -> list[Finding]:
    """Return names that differ in nothing that tells people apart."""
    groups = sorted(_people(names))
    both = sum(_shared_items(subject, group) for group in groups)
    labeled = (
        f" {counted(both, 'item has', 'items have')} labels under several of them, which count as agreement of several."
        if both
        else ""
    )
    who = list(dict.fromkeys(i for group in groups for i in group))
    text = (
        f"{counted(len(who), 'annotator name')} may belong to fewer people: "
        f"{shorten(_together(names, groups), MOST_NAMED)}.{labeled}"
    )
    return finding_on(who, subject.annotator_uses, ("warning", "similar_annotators", text), ONE_NAME)


def _people(names: Sequence[str]) -> set[tuple[int, ...]]:
    """Return the groups of names that may be one person each, none of them part of another."""
    found = {
        tuple(sorted(group))
        for key in (bare_name, _mailbox, _in_order)
        for alike in groups_by(names, key)
        for group in _by_domain(names, alike)
    }
    of_name: dict[int, list[set[int]]] = {}
    for group in found:
        for i in group:
            of_name.setdefault(i, []).append(set(group))
    return {group for group in found if not any(set(group) < other for other in of_name[group[0]])}


def _by_domain(names: Sequence[str], alike: Sequence[int]) -> list[list[int]]:
    """Return the groups of names that can be one: two addresses of different domains are two people."""
    bare = [i for i in alike if "@" not in names[i]]
    domains: dict[str, list[int]] = {}
    for i in alike:
        if "@" in names[i]:
            domains.setdefault(plain_name(names[i]).rpartition("@")[2], []).append(i)
    groups = [[*bare, *own] for own in domains.values()] or [bare]
    return [group for group in groups if len(group) > 1]


def _slips(subject: Subject, names: Sequence[str]) -> list[Finding]:
    """Return names one letter apart whose bearers never met on an item, although chance would have made them meet."""
    n = max(subject.labeled.size, 1)
    uses = subject.n_of_annotator
    pairs = [
        (a, b)
        for a, b in slips(names)
        if float(uses[a]) * float(uses[b]) / n >= LEAST_EXPECTED
        and bare_name(names[a]) != bare_name(names[b])
        and not _shared_items(subject, (a, b))
    ]
    who = list(dict.fromkeys(i for pair in pairs for i in pair))
    text = (
        f"Names that differ in one letter and never labeled the same item: "
        f"{shorten(_together(names, pairs), MOST_NAMED)}."
    )
    return finding_on(who, subject.annotator_uses, ("note", "annotator_slip", text), ONE_NAME)


def _together(names: Sequence[str], groups: Sequence[Sequence[int]]) -> list[str]:
    return [" and ".join(repr(names[i]) for i in group) for group in groups]


def _mailbox(name: str) -> str:
    """Return the part of an e-mail address that names a person, without what follows a plus sign."""
    local = plain_name(name).partition("@")[0] if name.count("@") == 1 else name
    return bare_name(local.partition("+")[0] or local) if "@" in name else bare_name(name)


def _in_order(name: str) -> str:
    """Return the words of a name in order: "Lee, Ann" is "Ann Lee"; names with digits or addresses stay as they are."""
    words = plain_name(name).replace(",", " ").split()
    is_person = len(words) > 1 and all(w.isalpha() and len(w) > 1 for w in words)
    return " ".join(sorted(words)) if is_person else bare_name(name)


def _shared_items(subject: Subject, group: Sequence[int]) -> int:
    """Return how many items have labels under two of these names or more."""
    _, counts = np.unique(np.concatenate([subject.items_of_annotator[i] for i in group]), return_counts=True)
    return int((counts > 1).sum())
