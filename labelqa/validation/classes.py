"""Classes that should not occur, and classes that may be one."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

import numpy as np

from labelqa.annotations.names import bare_name, groups_by, plain_name, slips
from labelqa.annotations.schema import LabelSchema
from labelqa.errors import did_you_mean, shorten
from labelqa.text import counted
from labelqa.validation.result import Example, Finding
from labelqa.validation.subject import MOST_EXAMPLES, Subject

MOST_CLASSES = 100_000  # more distinct ones are measurements or free text, and are not compared
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
    out = []
    if new:
        n = int(subject.n_of_class[new].sum())
        most = sorted(new, key=lambda i: -int(subject.n_of_class[i]))
        hints = [did_you_mean(names[i], allowed.names).removeprefix("; ") for i in most[:MOST_EXAMPLES]]
        named = shorten([f"{str(names[i])!r}{_hinted(h)}" for i, h in zip(most, hints, strict=False)], 5)
        rest = f" and {len(most) - 5:,} more" if len(most) > 5 and "more" not in named else ""
        out.append(
            Finding(
                severity="error",
                code="unexpected_class",
                what=f"{counted(n, 'label')} of {counted(len(new), 'class', 'classes')} that should not occur: {named}"
                f"{rest}.",
                count=n,
                examples=tuple(subject.class_uses(i) for i in most[:MOST_EXAMPLES]),
                next_step="Map them to the right class (--map-labels OLD=NEW), or add them to the expected classes.",
            )
        )
    if unused:
        out.append(
            Finding(
                severity="note",
                code="unused_class",
                what=f"{counted(len(unused), 'expected class', 'expected classes')} nobody used: "
                f"{shorten(map(repr, unused))}.",
                count=len(unused),
                examples=tuple(Example(value=repr(c)) for c in unused[:MOST_EXAMPLES]),
                next_step="Check that the class can be chosen in the tool, and that such items were in the batch.",
            )
        )
    return out


def _hinted(hint: str) -> str:
    return f" ({hint})" if hint else ""


def _alike(subject: Subject, names: Sequence[Hashable]) -> list[Finding]:
    """Return classes whose names differ in nothing that carries meaning."""
    if len(names) > MOST_CLASSES:
        return []
    groups = [[i for i in group if subject.n_of_class[i]] for group in groups_by(map(str, names), bare_name)]
    groups = [group for group in groups if len(group) > 1]
    if not groups:
        return []
    plain = all(len({plain_name(str(names[i])) for i in group}) == 1 for group in groups)
    how = "case and spaces" if plain else "case, spaces, separators or the form of letters"
    clean = "read them as one with --normalise-labels (LabelCleaning(normalise=True))"
    return [
        Finding(
            severity="warning",
            code="similar_classes",
            what=f"{counted(len(groups), 'class is', 'classes are')} written in ways that differ only in {how}: "
            f"{shorten(_together(names, groups), 5)}. They count as different classes.",
            count=sum(map(len, groups)),
            examples=tuple(subject.class_uses(i) for group in groups for i in group)[:MOST_EXAMPLES],
            next_step=f"If they are one, {clean if plain else 'rename one of them with --map-labels OLD=NEW'}.",
        )
    ]


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
    if not pairs:
        return []
    rare = list(dict.fromkeys(rarely for _, rarely in pairs))
    return [
        Finding(
            severity="note",
            code="class_slip",
            what=f"{counted(len(rare), 'rare class is', 'rare classes are')} one letter away from a frequent one: "
            f"{shorten(_together(names, pairs), 5)}. It may be a slip of the hand.",
            count=int(np.sum(uses[rare])),
            examples=tuple(subject.class_uses(i) for i in rare[:MOST_EXAMPLES]),
            next_step="If it is, rename it with --map-labels OLD=NEW.",
        )
    ]


def _together(names: Sequence[Hashable], groups: Sequence[Sequence[int]]) -> list[str]:
    return [" and ".join(repr(str(names[i])) for i in group) for group in groups]
