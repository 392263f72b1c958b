"""Names that no encoding can write, spelled out: half characters (lone surrogates) would stop every view."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from dataclasses import replace

import pandas as pd

from labelqa.annotations.table import Annotations


def with_legible_names(annotations: Annotations) -> Annotations:
    r"""Return `annotations` in which half characters in names are spelled out (``\ud800``); different names stay so."""
    schema = annotations.schema
    return replace(
        annotations,
        items=_legible_index(annotations.items),
        annotators=_legible_index(annotations.annotators),
        rounds=None if annotations.rounds is None else _legible_index(annotations.rounds),
        schema=schema if _is_legible(schema.classes) else replace(schema, classes=tuple(_spelled(schema.classes))),
    )


def _legible_index(names: pd.Index) -> pd.Index:
    return names if _is_legible(names) else pd.Index(_spelled(names), dtype=object)


def _is_legible(names: Iterable[Hashable]) -> bool:
    if isinstance(names, pd.Index) and names.dtype != object:
        return True
    try:
        "\n".join(n for n in names if isinstance(n, str)).encode()
    except UnicodeEncodeError:
        return False
    return True


def _spelled(names: Iterable[Hashable]) -> list[Hashable]:
    given = list(names)
    taken = set(given)
    out: list[Hashable] = []
    for name in given:
        spelled = name.encode("utf-8", "backslashreplace").decode() if isinstance(name, str) else name
        while spelled != name and spelled in taken:
            spelled = f"{spelled}'"
        taken.add(spelled)
        out.append(spelled)
    return out
