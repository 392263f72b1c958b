"""A small file never takes seconds, whatever it begins with."""

from __future__ import annotations

import contextlib
import json
import time
from pathlib import Path

import pytest

import labelqa as lq
from labelqa.errors import FileFormatError
from labelqa.io.formats import cvat
from tests.bench.fuzz_readers import HEADS

SECONDS = 3


@pytest.mark.parametrize("n", [25, 5_000])
def test_comments_at_the_head_of_xml_are_looked_at_once(n: int):
    start = time.process_time()
    assert not cvat.fits('<?xml version="1.0"?>' + "<!---->" * n + "<x/>")
    assert not cvat.fits("<!--" * n)
    assert time.process_time() - start < SECONDS


@pytest.mark.parametrize("between", ["", "\n", "<!-- a -- b -->", "<!--a--> <!--->b-->\n"])
def test_cvat_is_told_behind_comments(between: str):
    assert cvat.fits(f'<?xml version="1.0"?>\n{between}<annotations><version>1.1</version>')
    assert not cvat.fits(f"{between}<!-- <annotations> <version>")


def test_a_question_for_each_row_is_refused_and_not_squared(tmp_path: Path):
    rows = "".join(f'H{i},a,"[{{""k{i}"":""x""}}]"\n' for i in range(20_000))
    path = tmp_path / "batch.csv"
    path.write_text("HITId,WorkerId,Answer.taskAnswers\n" + rows)
    start = time.process_time()
    with pytest.raises(FileFormatError, match="more than 1,000 questions, as if each row had its own"):
        lq.read_annotations(path)
    assert time.process_time() - start < SECONDS


@pytest.mark.parametrize("at", range(len(HEADS)))
def test_each_head_of_the_fuzz_is_read_or_refused_at_once(at: int, tmp_path: Path):
    path = tmp_path / "in.dat"
    path.write_bytes(HEADS[at])
    start = time.process_time()
    with contextlib.suppress(lq.LabelqaError):
        lq.read_annotations(path, on_duplicate="first")
    assert time.process_time() - start < SECONDS


def test_a_key_for_each_record_is_refused_before_it_makes_a_table_of_the_square(tmp_path: Path):
    path = tmp_path / "labels.json"
    path.write_text(json.dumps([{"item": i, "label": "a", f"key {i}": 1} for i in range(3000)]), encoding="utf-8")
    with pytest.raises(FileFormatError, match="more than 2,000 different keys"):
        lq.read_annotations(path)
