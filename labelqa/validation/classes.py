"""Classes that should not occur, and classes that may be one."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

import numpy as np

from labelqa.annotations.names import bare_name, groups_by, plain_name, slips
from labelqa.annotations.schema import LabelSchema
from labelqa.errors import did_you_mean, shorten
from labelqa.text import counted
from labelqa.validation.result import Example, Finding
from labelqa.validation.subject import Subject, finding_on

MOST_CLASSES = 100_000  # more distinct ones are measurements or free text, and are not compared
MOST_NAMED = 5  # classes that a sentence names
RARE = 0.05  # share of the uses of a class up to which another one may be a slip of the hand
LEAST_USES = 10  # of a class, before a rare one beside it means anything


def check_classes(subject: Subject) -> list[Finding]:
    """Return the classes that were not expected, that nobody used, and that may be one."""
    names = list(subject.annotations.schema.classes)
    if subject.annotations.schema.level in ("interval", "ratio"):
        return _unexpected(subject, names)
    return [*_unexpected(subject, names), *_alike(subject, names), *_slips(subject, names)]


def _unexpected(subject: Subject, names: Sequence[Hashable]) -> list[Finding]:
    wanted = subject.expect.classes
    if wanted is None:
        return []
    allowed = LabelSchema(classes=wanted)
    used = [i for i in range(len(names)) if subject.n_of_class[i]]
    new = [i for i in used if allowed.index_of(names[i]) is None]
    present = {allowed.index_of(names[i]) for i in used}
    unused = [str(c) for i, c in enumerate(allowed.classes) if i not in present]
    most = sorted(new, key=lambda i: -int(subject.n_of_class[i]))
    n = int(subject.n_of_class[new].sum())
    hints = [did_you_mean(names[i], allowed.names).removeprefix("; ") for i in most[:MOST_NAMED]]
    named = ", ".join(f"{str(names[i])!r}{_hinted(h)}" for i, h in zip(most, hints, strict=False))
    more = f" and {len(most) - MOST_NAMED:,} more" if len(most) > MOST_NAMED else ""
    text = f"{counted(n, 'label')} of {counted(len(new), 'class', 'classes')} that should not occur: {named}{more}."
    nobody = f"{counted(len(unused), 'expected class', 'expected classes')} nobody used: {shorten(map(repr, unused))}."
    return [
        *finding_on(
            most, subject.class_uses, ("error", "unexpected_class", text),
            "Map them to the right class (--map-labels OLD=NEW), or add them to the expected classes.", count=n,
        ),
        *finding_on(
            unused, lambda c: Example(value=repr(c)), ("note", "unused_class", nobody),
            "Check that the class can be chosen in the tool, and that such items were in the batch.",
        ),
    ]  # fmt: skip


def _hinted(hint: str) -> str:
    return f" ({hint})" if hint else ""


def _alike(subject: Subject, names: Sequence[Hashable]) -> list[Finding]:
    """Return classes whose names differ in nothing that carries meaning."""
    if len(names) > MOST_CLASSES:
        return []
    groups = [[i for i in group if subject.n_of_class[i]] for group in groups_by(map(str, names), bare_name)]
    groups = [group for group in groups if len(group) > 1]
    plain = all(len({plain_name(str(names[i])) for i in group}) == 1 for group in groups)
    how = "case and spaces" if plain else "case, spaces, separators or the form of letters"
    clean = "read them as one with --normalise-labels (LabelCleaning(normalise=True))"
    text = (
        f"{counted(len(groups), 'class is', 'classes are')} written in ways that differ only in {how}: "
        f"{shorten(_together(names, groups), MOST_NAMED)}. They count as different classes."
    )
    step = f"If they are one, {clean if plain else 'rename one of them with --map-labels OLD=NEW'}."
    alike = [i for group in groups for i in group]
    return finding_on(alike, subject.class_uses, ("warning", "similar_classes", text), step)


def _slips(subject: Subject, names: Sequence[Hashable]) -> list[Finding]:
    """Return rare classes one letter away from a frequent one."""
    if len(names) > MOST_CLASSES:
        return []
    uses = subject.n_of_class
    pairs = [(i, j) if uses[i] >= uses[j] else (j, i) for i, j in slips([str(n) for n in names])]
    keys = {i: bare_name(str(names[i])) for pair in pairs for i in pair}
    pairs = [
        (often, rarely)
        for often, rarely in pairs
        if 0 < uses[rarely] <= max(1.0, RARE * float(uses[often]))
        and uses[often] >= LEAST_USES
        and keys[often] != keys[rarely]
    ]
    rare = list(dict.fromkeys(rarely for _, rarely in pairs))
    text = (
        f"{counted(len(rare), 'rare class is', 'rare classes are')} one letter away from a frequent one: "
        f"{shorten(_together(names, pairs), MOST_NAMED)}. It may be a slip of the hand."
    )
    step = "If it is, rename it with --map-labels OLD=NEW."
    n = int(np.sum(uses[rare]))
    return finding_on(rare, subject.class_uses, ("note", "class_slip", text), step, count=n)


def _together(names: Sequence[Hashable], groups: Sequence[Sequence[int]]) -> list[str]:
    return [" and ".join(repr(str(names[i])) for i in group) for group in groups]
