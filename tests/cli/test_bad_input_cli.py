"""Every broken file of the table ends with exit code 2 and the library's message."""

import pytest

from labelqa.cli.main import exit_code
from tests.bad_input import CASES


@pytest.mark.parametrize("command", ["agreement", "report"])
@pytest.mark.parametrize("case", [c for c in CASES if c.options is not None], ids=lambda c: c.name)
def test_bad_input_is_one_message_and_exit_code_two(case, command, tmp_path, capsys):
    sources = case.write(tmp_path)
    paths = [str(p) for p in (sources if isinstance(sources, list) else [sources])]
    assert exit_code([command, *paths, *case.options]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err == f"labelqa: {case.message}\n"
