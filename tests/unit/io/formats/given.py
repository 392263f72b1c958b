"""The samples of exports, and small files written for one test each."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd

SAMPLES = Path(__file__).parents[3] / "data" / "formats"
SAMPLE_LABELS = {
    ("phone-001", "ana"): "scratch",
    ("phone-001", "ben"): "scratch",
    ("phone-002", "ana"): "scratch",
    ("phone-002", "ben"): "dent",
    ("phone-003", "ana"): "no-defect",
    ("phone-003", "ben"): "scratch",
    ("phone-004", "ana"): "dent",
    ("phone-004", "ben"): "dent",
}


def json_file(folder: Path, records: object, name: str = "export.json") -> Path:
    """Write one JSON value, and return where."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(records), encoding="utf-8")
    return path


def lines_file(folder: Path, records: Sequence[object], name: str = "export.jsonl") -> Path:
    """Write one JSON value a line, and return where."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(r) + "\n" for r in records), encoding="utf-8")
    return path


def text_file(path: Path, text: str) -> Path:
    """Write a text, and return where."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode())
    return path


def zip_file(folder: Path, members: Mapping[str, object], name: str = "export.zip") -> Path:
    """Write a zip of texts, or of lists of JSON values one a line, and return where."""
    path = folder / name
    with zipfile.ZipFile(path, "w") as archive:
        for member, content in members.items():
            is_text = isinstance(content, str)
            archive.writestr(member, content if is_text else "".join(json.dumps(r) + "\n" for r in content))
    return path


def labels_of(found: object) -> dict[tuple[object, object], object]:
    """Return the label of each item and annotator."""
    frame: pd.DataFrame = found.to_frame()  # type: ignore[attr-defined]
    value = "label" if "label" in frame else "value"
    keys = zip(frame["item"], frame["annotator"], strict=True)
    return dict(zip(keys, frame[value], strict=True))


def notes_of(found: object) -> str:
    """Return what was noted while reading, one text."""
    return str(found.read_log)  # type: ignore[attr-defined]
