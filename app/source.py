"""Where the labels come from: a file named when the app was started, or one uploaded to the page."""

from __future__ import annotations

import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import streamlit as st

import labelqa as lq
from labelqa_app.markup import markdown

UPLOAD_TEXT = "Labels as CSV, TSV, Parquet or Excel: one row a label, or one column an annotator"


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A labels file: its `path`, or the uploaded `content` of a file of that name."""

    path: Path
    content: bytes | None = None

    @property
    def name(self) -> str:
        """The file name without its folder."""
        return self.path.name

    @property
    def markdown(self) -> str:
        """The file name as Markdown that shows it letter by letter."""
        return markdown(self.name)

    def read(self) -> lq.Annotations:
        """Return the annotations in the file, read once per content."""
        if self.content is not None:
            return _read_upload(self.name, self.content)
        changed = self.path.stat().st_mtime_ns if self.path.is_file() else 0
        return _read_path(str(self.path), changed)


def choose_source() -> Source | None:
    """Draw the upload field and return the chosen file, or None while there is none."""
    named = named_at_start(sys.argv[1:])
    place = st.container() if named is None else st.expander("Use another file")
    upload = place.file_uploader(UPLOAD_TEXT, key="labels")
    if upload is not None:
        return Source(path=Path(Path(upload.name).name), content=upload.getvalue())
    return None if named is None else Source(path=named)


def named_at_start(arguments: list[str]) -> Path | None:
    """Return the file named after ``--`` on the command line, or None."""
    return Path(arguments[0]) if arguments else None


@st.cache_resource(max_entries=4, show_spinner=False)
def _read_path(path: str, changed: int) -> lq.Annotations:  # noqa: ARG001  # `changed` is part of the cache key
    return lq.read_annotations(path)


@st.cache_resource(max_entries=4, show_spinner=False)
def _read_upload(name: str, content: bytes) -> lq.Annotations:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(content)
        return lq.read_annotations(path)
