"""CoNLL: what begins with "# " is a comment, or the token "#"."""

from __future__ import annotations

from pathlib import Path

import pytest

from labelqa.io.read import read_annotations
from tests.unit.io.formats.given import labels_of, notes_of, text_file


def _read(folder: Path, *rows: str, kind: str = "spans") -> object:
    return read_annotations(text_file(folder / "ana.conll", "\n".join(rows) + "\n"), kind=kind)


def test_the_token_hash_and_its_label_are_read(tmp_path: Path):
    found = _read(tmp_path, "# B-TAG", "foo I-TAG", "", "bar O", "# B-TAG", "", "# O", "x O")
    assert labels_of(found) == {
        ("1:1", "ana"): ((0, 5, "TAG"),),
        ("1:2", "ana"): ((4, 5, "TAG"),),
        ("1:3", "ana"): (),
    }
    assert "comments" not in notes_of(found)


def test_the_token_hash_is_read_where_its_tag_is_a_class(tmp_path: Path):
    found = _read(tmp_path, "# #", "1 CD", "", "No. NN", "# NN", "2 CD", kind="classes")
    assert labels_of(found)["1:1:1", "ana"] == "#"
    assert labels_of(found)["1:2:2", "ana"] == "NN"
    assert found.item_data["token"].tolist() == ["#", "1", "No.", "#", "2"]


@pytest.mark.parametrize(
    "comment", ["# sent_id = 3", "# text = EU calls", "# a heading of this part", "# Header", "# by hand"]
)
@pytest.mark.parametrize("separator", [" ", "\t", " -X- _ "])
def test_comments_before_a_sentence_are_counted_and_not_read(comment: str, separator: str, tmp_path: Path):
    rows = [f"{word}{separator}{tag}" for word, tag in (("EU", "B-ORG"), ("calls", "O"))]
    found = _read(tmp_path, *rows, "", comment, *rows)
    assert labels_of(found) == {(f"1:{i}", "ana"): ((0, 2, "ORG"),) for i in (1, 2)}
    assert "1 lines of ana.conll that begin with '# '" in notes_of(found)
    assert "the first is row 4" in notes_of(found)


def test_a_comment_of_one_word_is_no_token_among_classes(tmp_path: Path):
    found = _read(tmp_path, "# Part1", "The DT", "dog NN", "", "It PRP", kind="classes")
    assert found.item_data["token"].tolist() == ["The", "dog", "It"]
