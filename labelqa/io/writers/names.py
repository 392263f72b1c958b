"""Which formats annotations are written in; nothing is imported here that takes time."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Target:
    """One format to write.

    `module` is the one in `labelqa.io.writers`; `endings` are those that mean this format where none is named.
    """

    name: str
    title: str
    module: str
    endings: tuple[str, ...] = ()


TARGETS = (
    Target("csv", "long CSV: one row a label", "long_csv", (".csv",)),
    Target("parquet", "long Parquet: one row a label, types and order of classes kept", "long_parquet", (".parquet",)),
    Target("wide_csv", "wide CSV: one row an item, one column an annotator", "wide_csv"),
    Target("label_studio", "Label Studio tasks, to label again: no labels, no names", "label_studio", (".json",)),
    Target("prodigy", "Prodigy tasks (JSONL), to label again: no labels, no names", "prodigy", (".jsonl",)),
    Target("huggingface", "Hugging Face Parquet: one row an item, with soft labels", "hugging_face"),
)
NAMES = tuple(t.name for t in TARGETS)
