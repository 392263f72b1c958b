"""Sources: frames of every library, folders, zips, and what the read log says of them."""

from __future__ import annotations

import gzip
import hashlib
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from labelqa.errors import DuplicateError, FileFormatError
from labelqa.io.read import read_annotations
from tests.unit.io.tables import long, wide
from tests.unit.io.writers import LONG, text, zip_of


def triples(source: object, **kwargs: object) -> set[tuple[object, ...]]:
    frame = read_annotations(source, **kwargs).to_frame()  # type: ignore[arg-type]
    return set(frame[["item", "annotator", "label"]].itertuples(index=False, name=None))


@pytest.mark.parametrize(
    "kind", ["pandas", "polars", "lazy polars", "pyarrow", "to_pandas", "parquet", "gzipped parquet"]
)
def test_every_kind_of_table_gives_the_same_labels(kind: str, tmp_path: Path):
    pl = pytest.importorskip("polars")
    frame = long()
    path = tmp_path / "labels.bin"
    if "parquet" in kind:
        frame.to_parquet(path)
        path.write_bytes(gzip.compress(path.read_bytes()) if "gzipped" in kind else path.read_bytes())

    class Dataset:
        def to_pandas(self) -> pd.DataFrame:
            return frame

    source = {
        "pandas": lambda: frame,
        "polars": lambda: pl.from_pandas(frame),
        "lazy polars": lambda: pl.from_pandas(frame).lazy(),
        "pyarrow": lambda: pa.Table.from_pandas(frame),
        "to_pandas": Dataset,
        "parquet": lambda: path,
        "gzipped parquet": lambda: path,
    }[kind]()
    assert triples(source) == set(frame.itertuples(index=False, name=None))


def test_a_duckdb_relation_is_read():
    duckdb = pytest.importorskip("duckdb")
    frame = long()
    assert triples(duckdb.from_arrow(pa.Table.from_pandas(frame))) == set(frame.itertuples(index=False, name=None))


def test_text_that_looks_missing_stays_a_class_in_frames_and_none_is_missing():
    frame = pd.DataFrame({"item": [1, 1, 2, 2], "annotator": list("abab"), "label": ["NA", "None", None, "nan"]})
    table = read_annotations(frame)
    assert set(table.schema.classes) == {"NA", "None", "nan"}
    assert table.read_log.set_aside[0].rows == (2,)


def test_large_integer_ids_with_gaps_stay_exact_in_parquet(tmp_path: Path):
    ids = [2**60 + 1, 2**60 + 1, 2**60 + 2, 2**60 + 2, None]
    columns = {"item": pa.array(ids, pa.int64()), "annotator": list("ababa"), "label": list("xyxxx")}
    path = tmp_path / "labels.parquet"
    pq.write_table(pa.table(columns), path)
    table = read_annotations(path)
    assert list(table.items) == [2**60 + 1, 2**60 + 2]
    assert table.read_log.set_aside[0].rows == (5,)


def test_the_read_log_holds_the_hash_of_the_bytes_and_what_they_are(tmp_path: Path):
    packed = gzip.compress(LONG.replace(",", "\t").encode())
    (tmp_path / "labels.tsv.gz").write_bytes(packed)
    (source,) = read_annotations(tmp_path / "labels.tsv.gz").read_log.sources
    assert source.sha256 == hashlib.sha256(packed).hexdigest()
    assert (source.name, source.format, source.details, source.rows) == (
        "labels.tsv.gz",
        "tsv",
        "tab-separated, UTF-8",
        4,
    )


def test_the_kind_is_found_by_content_not_by_ending(tmp_path: Path):
    long().to_parquet(tmp_path / "labels.csv")
    assert read_annotations(tmp_path / "labels.csv").read_log.sources[0].format == "parquet"
    assert read_annotations(text(LONG, "labels.parquet")(tmp_path)).read_log.sources[0].format == "csv"


def test_files_of_a_zip_and_a_folder_are_the_same(tmp_path: Path):
    files = {"ana.csv": "item,label\n1,yes\n2,no\n", "ben.csv": "item,label\n1,no\n2,no\n"}
    for name, content in files.items():
        text(content, name)(tmp_path)
    packed = triples(zip_of({**files, "__MACOSX/ana.csv": "x"})(tmp_path))
    (tmp_path / "labels.zip").unlink()
    assert (
        packed == triples(tmp_path) == {("1", "ana", "yes"), ("2", "ana", "no"), ("1", "ben", "no"), ("2", "ben", "no")}
    )


def test_files_of_one_name_in_two_folders_stay_apart(tmp_path: Path):
    for name, label in (("a", "yes"), ("b", "no")):
        (tmp_path / name).mkdir()
        text(f"item,label\n1,{label}\n2,no\n", "labels.csv")(tmp_path / name)
    found = read_annotations([tmp_path / "a" / "labels.csv", tmp_path / "b" / "labels.csv"])
    assert list(found.annotators) == ["labels.csv (1)", "labels.csv (2)"]


def test_ids_are_the_same_item_in_a_csv_and_in_a_parquet_file(tmp_path: Path):
    text("item,annotator,label\n1,ana,yes\n2,ana,no\n", "ana.csv")(tmp_path)
    pd.DataFrame({"item": [1, 2], "annotator": "ben", "label": ["no", "no"]}).to_parquet(tmp_path / "ben.parquet")
    assert read_annotations(tmp_path).n_items == 2


def test_wide_files_are_stacked(tmp_path: Path):
    frame = wide(["alice", "bob"])
    frame[:15].to_csv(tmp_path / "a.csv", index=False)
    frame[15:].to_csv(tmp_path / "b.csv", index=False)
    assert triples(tmp_path) == triples(frame)


def test_a_repeated_label_in_two_files_is_found_in_both_places(tmp_path: Path):
    text(LONG, "a.csv")(tmp_path)
    text(LONG, "b.csv")(tmp_path)
    with pytest.raises(DuplicateError, match=r"b\.csv row 2: .* \(first in a\.csv row 2\)"):
        read_annotations(tmp_path)


def test_a_member_that_needs_a_password_is_named(tmp_path: Path):
    path = Path(zip_of({"ana.csv": LONG})(tmp_path))
    raw = bytearray(path.read_bytes())
    raw[6] |= 1
    raw[raw.find(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(bytes(raw))
    with pytest.raises(FileFormatError, match=r"labels\.zip/ana\.csv: .*encrypted"):
        read_annotations(path)


def test_column_names_that_are_numbers_are_text():
    frame = wide(["x", "y"]).rename(columns={"x": 1, "y": 2})
    assert read_annotations(frame).read_log.mapping["annotators"] == ("1", "2")


def test_floats_that_are_whole_numbers_are_classes_without_fraction():
    frame = pd.DataFrame({"id": list("abcd"), "ana": [0, 1, 1, 0], "ben": [0.0, np.nan, 1.0, 1.0]})
    assert read_annotations(frame).schema.classes == (0, 1)


def test_reading_a_csv_loads_nothing_heavy(tmp_path: Path):
    path = text(LONG)(tmp_path)
    code = (
        "import sys\nfrom labelqa.io.read import read_annotations\nread_annotations(sys.argv[1])\n"
        "heavy = ['openpyxl', 'polars', 'duckdb', 'sklearn', 'scipy.stats', 'pyarrow.parquet', 'altair']\n"
        "print([m for m in heavy if m in sys.modules])"
    )
    out = subprocess.run([sys.executable, "-c", code, path], capture_output=True, text=True, check=True).stdout
    assert out.strip() == "[]"


def test_exports_of_two_tools_are_not_mixed(tmp_path):
    prodigy = {"text": "a", "_input_hash": 1, "accept": ["x"], "answer": "accept", "_annotator_id": "ann"}
    studio = {"id": 1, "data": {"text": "b"}, "annotations": [
        {"completed_by": 1, "result": [{"from_name": "c", "type": "choices", "value": {"choices": ["x"]}}]}
    ]}  # fmt: skip
    (tmp_path / "p.jsonl").write_text(json.dumps(prodigy))
    (tmp_path / "s.json").write_text(json.dumps([studio]))
    with pytest.raises(FileFormatError, match=r"different kinds: .*prodigy.*label_studio"):
        read_annotations([tmp_path / "p.jsonl", tmp_path / "s.json"])


def test_json_in_utf_16_is_read(tmp_path):
    rows = [{"item": i, "annotator": a, "label": "äöü"[i % 2]} for i in range(4) for a in ("ann", "ben")]
    (tmp_path / "labels.json").write_bytes(json.dumps(rows, ensure_ascii=False).encode("utf-16"))
    assert len(read_annotations(tmp_path / "labels.json")) == 8
