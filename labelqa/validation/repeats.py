"""Items that hold the same under different names: exactly, but for case and punctuation, or nearly."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from labelqa.text import counted
from labelqa.validation.near import near_pairs, tokens_of
from labelqa.validation.result import Example, Finding
from labelqa.validation.subject import Subject, finding_on, texts_of

LEAST_WORDS = 5  # of a text, from which case and punctuation make no other text
LEAST_NEAR = 10  # words of a text, from which it can nearly be another one
Codes = npt.NDArray[np.intp]


def check_repeats(subject: Subject) -> list[Finding]:
    """Return items with the text of another item, and with nearly the text of another item."""
    if subject.payload is None or subject.of_tokens:
        return []
    cells = texts_of(subject.annotations.item_data[subject.payload])
    items = [i for i in subject.labeled.tolist() if cells[i] and cells[i].strip()]
    same = _coded([_same(cells[i] or "") for i in items])
    if len(items) < 2 or int(same.max(initial=0)) == 0:  # all the same is a finding of its own
        return []
    where = np.array(items, dtype=np.intp)
    exact = _finding(subject, where, same, cells, EXACT)
    firsts = np.unique(same, return_index=True)[1]
    near = _near([cells[items[i]] or "" for i in firsts.tolist()])
    return [*exact, *_finding(subject, where[firsts], near, cells, NEAR)]


EXACT = ("repeated_item", "the same text as another item", "have the same text")
NEAR = ("near_repeated_item", "nearly the text of another item", "are nearly the same")


def _same(text: str) -> str:
    plain = text if text.isascii() else unicodedata.normalize("NFKC", text)
    return " ".join(plain.casefold().split())


def _coded(texts: Sequence[str]) -> Codes:
    """Return a number a text, equal for equal texts, in order of appearance."""
    codes: dict[str, int] = {}
    return np.array([codes.setdefault(text, len(codes)) for text in texts], dtype=np.intp)


def _near(texts: Sequence[str]) -> Codes:
    """Return a number a text, equal for texts that differ in case, spaces and punctuation only, or in a few words."""
    tokens = [tokens_of(text) for text in texts]
    bare = _coded([" ".join(t) if len(t) >= LEAST_WORDS else f"\n{i}" for i, t in enumerate(tokens)])
    firsts = np.unique(bare, return_index=True)[1]
    parent = np.arange(firsts.size)
    long = np.array([i for i, at in enumerate(firsts.tolist()) if len(tokens[at]) >= LEAST_NEAR], dtype=np.intp)
    for a, b in near_pairs([tokens[firsts[i]] for i in long.tolist()]):
        low, high = sorted((_root(parent, int(long[a])), _root(parent, int(long[b]))))
        parent[high] = low
    return np.array([_root(parent, i) for i in range(firsts.size)], dtype=np.intp)[bare]


def _root(parent: Codes, i: int) -> int:
    while parent[i] != i:
        parent[i] = parent[parent[i]]
        i = int(parent[i])
    return i


def _finding(
    subject: Subject, items: Codes, group: Codes, cells: Sequence[str | None], words: tuple[str, str, str]
) -> list[Finding]:
    """Return one finding on items that share a group, those with different labels first; or none."""
    size = np.bincount(group)
    together = size[group] > 1
    if not together.any():
        return []
    code, text, short = words
    n_groups = int((size > 1).sum())
    n_repeated = int(together.sum()) - n_groups
    differ = _differing(group[together], _top_classes(subject, items[together]), size.size)
    n_differ = int(differ.sum())
    told = f" {n_differ:,} of the {counted(n_groups, 'text')} got different labels." if n_differ else ""
    order = np.lexsort((np.arange(items.size), group, ~differ[group]))
    shown = order[together[order]]
    step = f"Items that {short} are not independent: keep one of each, or keep them on one side of a split."
    step += " Where their labels differ, look at the definition first." if n_differ else ""
    severity = "warning" if n_differ or code == EXACT[0] else "note"
    what = f"{counted(n_repeated, 'item has', 'items have')} {text}, under another name.{told}"
    return finding_on(
        items[shown], lambda i: _example(subject, i, cells), (severity, code, what), step, count=n_repeated
    )


def _example(subject: Subject, item: int, cells: Sequence[str | None]) -> Example:
    found = subject.annotations
    top = int(_top_classes(subject, np.array([item], dtype=np.intp))[0])
    label = "tied" if top < 0 else str(found.schema.classes[top])
    return subject.item(item, f"{label}: {cells[item]}")


def _top_classes(subject: Subject, items: Codes) -> npt.NDArray[np.int64]:
    """Return the most frequent class of each item; -1 where two are."""
    found = subject.annotations
    wanted = np.full(found.n_items, -1, dtype=np.int64)
    wanted[items] = np.arange(items.size)
    rows = np.flatnonzero(wanted[found.item] >= 0)
    key, n = np.unique(wanted[found.item[rows]] * found.schema.k + found.label[rows], return_counts=True)
    at, label = np.divmod(key, found.schema.k)
    most = np.zeros(items.size, dtype=np.int64)
    np.maximum.at(most, at, n)
    is_top = n == most[at]
    top = np.full(items.size, -1, dtype=np.int64)
    top[at[is_top]] = label[is_top]
    top[np.bincount(at[is_top], minlength=items.size) != 1] = -1
    return top


def _differing(group: Codes, top: npt.NDArray[np.int64], n_groups: int) -> npt.NDArray[np.bool_]:
    """Return the groups whose items have clear but different classes, bool (n_groups,)."""
    clear = top >= 0
    low, high = np.full(n_groups, np.iinfo(np.int64).max), np.full(n_groups, -1)
    np.minimum.at(low, group[clear], top[clear])
    np.maximum.at(high, group[clear], top[clear])
    return np.asarray((high >= 0) & (low < high))
