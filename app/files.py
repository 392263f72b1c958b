"""Files that people begin with: one named at the start, or one dropped into the page; read once and kept."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import pandas as pd
import streamlit as st

import labelqa as lq
from labelqa.review.beforehand import with_text
from labelqa.review.files import TableHead, read_items, table_head

FORMATS = (
    "CSV, TSV, Excel, Parquet or JSON, or what a tool exports: Label Studio, Prodigy, doccano, Argilla, Hugging Face, "
    "Labelbox, COCO, CVAT, brat, CoNLL, Amazon Mechanical Turk, Toloka. Several files: in one zip"
)
_NOT_IN_NAMES = re.compile(r"[/\\\0]")
Found = TypeVar("Found")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """How a file shall be read; None and empty is as the library finds it.

    Attributes
    ----------
    item, label, round, timestamp : str or None
        Columns.
    text : str or None
        The column of the items that holds their text.
    annotator : str, tuple of str or None
        The column of annotators, or the columns of one annotator each.
    classes : tuple or None
        All classes in their order.
    level : str
        Level of measurement.
    on_duplicate : str
        Which label counts where one person labeled an item twice.
    """

    item: str | None = None
    annotator: str | tuple[str, ...] | None = None
    label: str | None = None
    round: str | None = None
    timestamp: str | None = None
    text: str | None = None
    classes: tuple[Hashable, ...] | None = None
    level: str = "nominal"
    on_duplicate: str = "error"


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A file: its `path`, or the `content` of an uploaded one; `key` is another one when it changes."""

    path: Path
    key: str
    content: bytes | None = None

    @property
    def name(self) -> str:
        """The file name without its folder."""
        return self.path.name

    def read(self, asked: Asked | None = None) -> lq.Annotations:
        """Return the labels in the file."""
        return _annotations(self.key, asked or Asked(), self)

    def head(self) -> TableHead:
        """Return the first rows as they stand in the file."""
        return _head(self.key, self)

    def items(self, item: str | None = None) -> pd.DataFrame:
        """Return items, one a row."""
        return _items(self.key, item, self)

    def opened(self, read: Callable[[Path], Found]) -> Found:
        """Return what `read` makes of the file."""
        if self.content is None:
            return read(self.path)
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / self.name
            path.write_bytes(self.content)
            return read(path)


def upload_limit() -> int:
    """Return the largest upload in megabytes."""
    return int(st.get_option("server.maxUploadSize"))


def named_file(path: Path) -> Source:
    """Return the file that was named at the start; it is read again when it changes."""
    try:
        told = path.stat()
        key = f"{path}|{told.st_mtime_ns}|{told.st_size}"
    except OSError:
        key = str(path)
    return Source(path=path, key=key)


def dropped_file(label: str, key: str, explained: str = "") -> Source | None:
    """Draw a field for a file and return what was dropped there; nothing larger than the limit is taken."""
    limit = upload_limit()
    told = f"{FORMATS}. Up to {limit:,} MB; larger files: start with labelqa review FILE."
    upload = st.file_uploader(label, key=key, help=explained or None)
    st.caption(told)
    if upload is None:
        return None
    if upload.size > limit * 1_000_000 * 1.05:  # the browser refuses it already; nobody needs to use a browser
        st.error(f"This file is larger than {limit:,} MB. Start the app with it instead: labelqa review FILE.")
        return None
    return Source(path=Path(safe_name(upload.name)), key=f"{upload.name}|{upload.file_id}", content=upload.getvalue())


def safe_name(name: str) -> str:
    """Return the name of an uploaded file as one that stays in its folder.

    Examples
    --------
    >>> safe_name("../../etc/passwd"), safe_name("..")
    ('passwd', 'labels')
    """
    last = _NOT_IN_NAMES.split(name)[-1].strip()[-120:]
    return last if last.strip(".") else "labels"


@st.cache_resource(max_entries=6, show_spinner="Reading the file …")
def _annotations(key: str, asked: Asked, _source: Source) -> lq.Annotations:  # noqa: ARG001  # tells files apart
    annotator = list(asked.annotator) if isinstance(asked.annotator, tuple) else asked.annotator
    found = _source.opened(
        lambda path: lq.read_annotations(
            path,
            item=asked.item,
            annotator=annotator,
            label=asked.label,
            round=asked.round,
            timestamp=asked.timestamp,
            classes=asked.classes,
            level=asked.level,
            on_duplicate=asked.on_duplicate,
        )
    )
    return found if asked.text is None else with_text(found, asked.text)


@st.cache_resource(max_entries=6, show_spinner="Reading the file …")
def _head(key: str, _source: Source) -> TableHead:  # noqa: ARG001  # tells files apart
    return _source.opened(table_head)


@st.cache_resource(max_entries=6, show_spinner="Reading the file …")
def _items(key: str, item: str | None, _source: Source) -> pd.DataFrame:  # noqa: ARG001  # tells files apart
    return _source.opened(lambda path: read_items(path, item))
