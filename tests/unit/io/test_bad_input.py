"""Broken inputs are refused with the message that the table promises, and cheaply."""

from __future__ import annotations

import os
import subprocess
import sys
import time
import tracemalloc
from pathlib import Path

import pytest

from labelqa.errors import FileFormatError, LabelqaError, MissingExtraError, Problem
from labelqa.io.read import read_annotations
from tests.bad_input import CASES
from tests.unit.io.writers import LONG, BadInput, gigabyte, text, workbook

BY_NAME = {case.name: case for case in CASES}


@pytest.mark.parametrize("case", CASES, ids=lambda c: c.name)
def test_bad_input_gets_exactly_the_promised_message(case: BadInput, tmp_path: Path):
    source = case.write(tmp_path)
    with pytest.raises(LabelqaError) as caught:
        read_annotations(source, **case.kwargs)
    assert str(caught.value) == case.message


@pytest.mark.parametrize("case", CASES, ids=lambda c: c.name)
def test_bad_input_names_no_folder_of_this_machine(case: BadInput, tmp_path: Path):
    with pytest.raises(LabelqaError) as caught:
        read_annotations(case.write(tmp_path), **case.kwargs)
    assert str(tmp_path) not in str(caught.value)
    assert all(isinstance(p, Problem) for p in caught.value.problems)


def test_the_table_has_at_least_25_cases_under_distinct_names():
    assert len(BY_NAME) == len(CASES) >= 25


@pytest.mark.parametrize("name", ["line of 1 GB", "1 GB of NUL", "1 GB of spaces after a good header"])
def test_a_gigabyte_without_line_end_is_refused_fast_and_in_little_memory(name: str, tmp_path: Path):
    source = BY_NAME[name].write(tmp_path)
    tracemalloc.start()
    start = time.perf_counter()
    with pytest.raises(FileFormatError):
        read_annotations(source)
    seconds, peak = time.perf_counter() - start, tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert seconds < 2
    assert peak < 64 << 20


def test_all_ragged_rows_are_attributes_of_the_error(tmp_path: Path):
    rows = "".join("1,ana\n" if i % 3 == 0 else "1,ana,yes\n" for i in range(300))
    with pytest.raises(FileFormatError) as caught:
        read_annotations(text("item,annotator,label\n" + rows)(tmp_path))
    assert caught.value.problem.value == tuple(range(2, 302, 3))


def test_ragged_rows_are_counted_after_quoted_newlines_and_blank_lines(tmp_path: Path):
    content = 'item,annotator,label\n1,ana,"two\nlines"\n\n2,ana\n'
    with pytest.raises(FileFormatError) as caught:
        read_annotations(text(content)(tmp_path))
    assert caught.value.problem.row == 4


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_permission_is_named(tmp_path: Path):
    path = Path(text(LONG)(tmp_path))
    path.chmod(0)
    with pytest.raises(FileFormatError, match=r"labels.csv: cannot be read: permission denied"):
        read_annotations(path)


def test_without_openpyxl_a_workbook_asks_for_the_extra(tmp_path: Path):
    path = workbook({"Sheet1": LONG})(tmp_path)
    code = (
        "import sys; sys.modules['openpyxl'] = None\n"
        "from labelqa.io.read import read_annotations\n"
        "from labelqa.errors import MissingExtraError\n"
        "try:\n    read_annotations(sys.argv[1])\n"
        "except MissingExtraError as error:\n    print(error)"
    )
    out = subprocess.run([sys.executable, "-c", code, path], capture_output=True, text=True, check=True).stdout
    assert "pip install 'labelqa[xlsx]'" in out
    assert issubclass(MissingExtraError, ImportError)


def test_what_is_not_a_table_at_all_is_named_by_its_type():
    with pytest.raises(LabelqaError, match="cannot read labels from a int"):
        read_annotations(3)


def test_a_list_of_frames_says_how_to_join_them():
    import pandas as pd

    with pytest.raises(LabelqaError, match=r"pandas\.concat"):
        read_annotations([pd.DataFrame()])


def test_a_directory_of_a_gigabyte_file_is_looked_at_only_at_its_start(tmp_path: Path):
    gigabyte(b"a,b\n" + b"x" * (9 << 20))(tmp_path)
    with pytest.raises(FileFormatError, match="line 2 is longer than 8 MB"):
        read_annotations(tmp_path)
