"""Tables that ask several questions: one is chosen, or the message says how to choose it."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from labelqa.errors import DuplicateError, ParameterError
from labelqa.io.read import read_annotations
from tests.unit.io.tables import long, per_row
from tests.unit.io.writers import several

FILES = {
    who: "item,variable,value\n" + "".join(f"{i},{q},{(i + k) % 2}\n" for i in range(9) for q in ("tone", "topic"))
    for k, who in enumerate(("ana.csv", "ben.csv"))
}


def tall(column: str = "variable", value: str = "value") -> pd.DataFrame:
    """Return a long table with two questions on each item."""
    parts = [long("item", "coder", value, seed=s).assign(**{column: q}) for s, q in enumerate(("tone", "topic"))]
    return pd.concat(parts, ignore_index=True)


def test_a_question_is_chosen_where_each_annotator_has_a_file(tmp_path: Path):
    found = read_annotations(several(FILES)(tmp_path), question="tone")
    assert list(found.annotators) == ["ana", "ben"]
    assert len(found) == 18
    assert found.read_log.n_set_aside == 18


def test_a_label_column_is_chosen_where_each_annotator_has_a_file(tmp_path: Path):
    files = {who: f"item,tone,topic\n1,x,{i}\n2,y,{i}\n" for i, who in enumerate(("ana.csv", "ben.csv"))}
    found = read_annotations(several(files)(tmp_path), question="tone")
    assert list(found.annotators) == ["ana", "ben"]
    assert found.schema.classes == ("x", "y")


def test_the_name_of_a_file_is_no_question(tmp_path: Path):
    with pytest.raises(ParameterError, match=r"question='ana' .*\(allowed: item, variable, value\)"):
        read_annotations(several(FILES)(tmp_path), question="ana")


@pytest.mark.parametrize("column", ["variable", "question", "dim", "xyz"])
def test_repeated_labels_of_several_questions_say_how_to_choose_one(column: str):
    with pytest.raises(DuplicateError, match="or name a round column if they are separate rounds, or ") as caught:
        read_annotations(tall(column))
    last = caught.value.problems[-1]
    assert last.next_step.endswith(f"or choose one question of column {column!r}: question='tone' (--question).")
    assert last.parameter == "on_duplicate"
    assert len(read_annotations(tall(column), question="tone")) == 90


def test_several_questions_in_one_file_an_annotator_are_recognised_too(tmp_path: Path):
    with pytest.raises(DuplicateError, match="choose one question of column 'variable'"):
        read_annotations(several(FILES)(tmp_path))


def test_plain_repetitions_are_not_taken_for_questions():
    frame = pd.concat([long(), long(seed=2)], ignore_index=True)
    frame["mood"] = per_row(frame, ["good", "bad"])
    frame["row"] = range(len(frame))
    with pytest.raises(DuplicateError) as caught:
        read_annotations(frame)
    assert "question" not in str(caught.value)
