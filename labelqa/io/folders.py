"""Who labeled, where files lie in several folders or archives: the name of the folder, or that of the file."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import PurePosixPath

from labelqa.io.formats import registry
from labelqa.io.tables import Blob, Table
from labelqa.io.words import item_score, take_apart

TEXTS = frozenset(f.name for f in registry.FORMATS if f.of == "text")  # a file each document
BY_FILE = frozenset(f.name for f in registry.FORMATS if f.module == "doccano")  # a file each annotator
SAYS_ITEM = 3.0


def with_folders(blobs: Sequence[Blob]) -> list[Blob]:
    """Give each file the one folder of its path that tells who labeled."""
    paths = [PurePosixPath(b.folder, PurePosixPath(b.name).name) for b in blobs]
    return [replace(b, folder=folder) for b, folder in zip(blobs, telling_folders(paths), strict=True)]


def telling_folders(paths: Sequence[PurePosixPath]) -> list[str]:
    """Return the folder of each path at the level at which files of one name differ; the innermost if none is.

    Examples
    --------
    >>> telling_folders([PurePosixPath("corpus/ana/docs/d1.ann"), PurePosixPath("corpus/ben/docs/d1.ann")])
    ['ana', 'ben']
    """
    parts = [p.parts for p in paths]
    inner = [p.parent.name for p in paths]
    depths = {len(p) for p in parts}
    if len(depths) != 1:
        return inner
    levels = [at for at in range(max(depths) - 1) if len({p[at] for p in parts}) > 1]
    met = {at: _n_met(p[:at] + p[at + 1 :] for p in parts) for at in levels}
    level = max(levels, key=lambda at: (met[at], at), default=None)
    return inner if level is None or met[level] == 0 else [p[level] for p in parts]


def _n_met(rests: Iterable[tuple[str, ...]]) -> int:
    """Return how many paths are those of another file but for one folder."""
    return sum(n for n in Counter(rests).values() if n > 1)


def by_annotator(blobs: list[Blob]) -> list[Blob]:
    """Give files that lie in several folders the name of their folder as the one who labeled."""
    parents = [PurePosixPath(b.name).parent for b in blobs]
    names = {b.folder for b in blobs}
    is_inner = all(f.name.removesuffix(".zip") == b.folder for f, b in zip(parents, blobs, strict=True))
    if len(names) < 2 or any(f == PurePosixPath() for f in parents) or (is_inner and len(set(parents)) > len(names)):
        return blobs
    return [replace(b, stem=b.folder) for b in blobs]


def are_named_by_files(blobs: Sequence[Blob], tables: Sequence[Table]) -> bool:
    """Tell whether not the folders but the files in them are called like the annotators.

    Folders are parts of the data then: what is called alike in two of them holds other items, or what is in one holds
    the same ones.
    """
    formats = {"" if t.source is None else t.source.format for t in tables}
    inside, called = defaultdict[PurePosixPath, list[Table]](list), defaultdict[str, list[Table]](list)
    for blob, table in zip(blobs, tables, strict=True):
        path = PurePosixPath(blob.name)
        inside[path.parent].append(table)
        called[path.name].append(table)
    if formats & TEXTS or all("annotator" in t.roles for t in tables) or all(len(t) == 1 for t in inside.values()):
        return False
    if all("item" in t.roles for t in tables) and any(_share(*pair) for ts in inside.values() for pair in pairwise(ts)):
        return True
    recurring = [pair for ts in called.values() for pair in pairwise(ts)]
    return not any(_share(*pair) for pair in recurring) if recurring else formats <= BY_FILE


def _share(a: Table, b: Table) -> bool:
    """Whether two tables hold the same items, as far as can be told."""
    if "item" in a.roles and "item" in b.roles:
        return bool(set(a.frame[a.roles["item"]]) & set(b.frame[b.roles["item"]]))
    columns = [c for c in a.frame.columns if c in b.frame.columns and _may_name(a, c) and _may_name(b, c)]
    named = [c for c in columns if item_score(take_apart(str(c))) >= SAYS_ITEM] or columns
    return not named or any(_texts(a, c) & _texts(b, c) for c in named)


def _texts(table: Table, column: str) -> set[str]:
    return set(table.frame[column].dropna().astype(str))  # as a cell may be a list


def _may_name(table: Table, column: str) -> bool:
    return bool(item_score(take_apart(str(column))) >= SAYS_ITEM or table.frame[column].astype(str).is_unique)
