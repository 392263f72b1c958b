"""Hugging Face: codes become the names that the metadata holds, lists by several people a label each."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from labelqa.errors import ColumnError, FileFormatError
from labelqa.io.read import read_annotations
from tests.unit.io.formats.given import SAMPLES, labels_of, notes_of

NAMES = ["neg", "pos"]
CLASS = {"names": NAMES, "_type": "ClassLabel"}
LIST_FORMS = [{"feature": CLASS, "_type": "List"}, {"feature": CLASS, "length": -1, "_type": "Sequence"}, [CLASS]]


def _table(columns: dict[str, object], features: dict[str, object]) -> pa.Table:
    told = {"huggingface": json.dumps({"info": {"features": features}})}
    return pa.table(columns).replace_schema_metadata(told)


class _Features(dict[str, object]):
    def to_dict(self) -> dict[str, object]:
        return dict(self)


class _Dataset:
    """The part of a Hugging Face Dataset that is used; the library itself behaves so (datasets 5.2)."""

    def __init__(self, table: pa.Table) -> None:
        self._table = table.replace_schema_metadata(None)
        self.features = _Features(json.loads(table.schema.metadata[b"huggingface"])["info"]["features"])

    def with_format(self, kind: str) -> pa.Table:
        assert kind == "arrow"
        return self._table


def _as_file(table: pa.Table, folder: Path) -> Path:
    path = folder / "data.dat"
    pq.write_table(table, path)
    return path


@pytest.mark.parametrize("ending", [".parquet", ".dat"])
def test_lists_of_labels_become_one_annotator_a_place(ending: str, tmp_path: Path):
    found = read_annotations(shutil.copy(SAMPLES / "hf_dataset.parquet", tmp_path / f"data{ending}"))
    first, second = "annotator_labels[0]", "annotator_labels[1]"
    assert labels_of(found) == {
        (0, first): "scratch", (0, second): "scratch", (1, first): "scratch", (1, second): "dent",
        (2, first): "no-defect", (2, second): "no-defect",
    }  # fmt: skip
    assert found.item_data["text"].tolist() == ["a scratch", "a dent", "clean"]
    assert found.item_data["label"].tolist() == ["scratch", "dent", "no-defect"]
    assert "does not name annotators" in notes_of(found)


@pytest.mark.parametrize("feature", LIST_FORMS)
@pytest.mark.parametrize("how", ["table", "Dataset", "file"])
def test_names_are_found_in_every_version_and_container(feature: object, how: str, tmp_path: Path):
    table = _table({"id": ["x", "y"], "annotator_labels": [[0, 1], [1, 1]]}, {"annotator_labels": feature})
    source = {"table": table, "Dataset": _Dataset(table), "file": _as_file(table, tmp_path)}[how]
    found = read_annotations(source)
    assert [labels_of(found)["x", f"annotator_labels[{i}]"] for i in (0, 1)] == NAMES
    assert list(found.items) == ["x", "y"]


def test_minus_one_and_null_are_missing():
    table = _table({"annotator_labels": [[0, -1], [1, None], [1, 0]]}, {"annotator_labels": LIST_FORMS[0]})
    found = read_annotations(table)
    assert len(found) == 4
    assert set(labels_of(found).values()) == set(NAMES)


def test_a_list_of_people_beside_names_the_annotators():
    table = _table({"ratings": [[0, 1], [1]], "annotators": [["ana", "ben"], ["ben"]]}, {"ratings": LIST_FORMS[0]})
    assert labels_of(read_annotations(table)) == {(0, "ana"): "neg", (0, "ben"): "pos", (1, "ben"): "pos"}


def test_a_long_data_set_gets_names_for_codes():
    columns = {"item": ["a", "a", "b", "b"], "annotator": ["x", "y", "x", "y"], "label": [0, 1, 1, -1]}
    found = read_annotations(_table(columns, {"label": CLASS}))
    assert labels_of(found) == {("a", "x"): "neg", ("a", "y"): "pos", ("b", "x"): "pos"}


def test_a_data_set_without_annotators_says_what_is_missing():
    with pytest.raises(ColumnError, match="annotator"):
        read_annotations(_table({"text": ["a", "b"], "label": [0, 1]}, {"label": CLASS}))


def test_tags_of_tokens_are_no_annotators():
    table = _table({"tokens": [["a", "b"]], "ner_tags": [[0, 1]]}, {"ner_tags": LIST_FORMS[0]})
    with pytest.raises(ColumnError):
        read_annotations(table)


@pytest.mark.parametrize("code", [2, -2, 1.5])
def test_a_code_without_a_name_is_an_error_with_its_row(code: float, tmp_path: Path):
    table = _table({"annotator_labels": [[0, 1], [1, code]]}, {"annotator_labels": LIST_FORMS[0]})
    with pytest.raises(FileFormatError, match="row 2: the code of a class is a whole number from 0 to 1"):
        read_annotations(_as_file(table, tmp_path))


@pytest.mark.parametrize("told", ["{", "[]", '{"info": 3}', '{"info": {"features": {"label": 5}}}', "[" * 100_000])
def test_damaged_metadata_is_no_crash(told: str):
    columns = {"item": ["a", "a"], "annotator": ["x", "y"], "label": [0, 1]}
    table = pa.table(columns).replace_schema_metadata({"huggingface": told})
    try:
        assert len(read_annotations(table)) == 2
    except FileFormatError as error:
        assert "metadata" in str(error)  # noqa: PT017  # either is right
