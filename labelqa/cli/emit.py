"""One way from a result to the four formats, for commands that answer one question."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING

from labelqa.cli.output import Output

if TYPE_CHECKING:
    from labelqa.annotations.readlog import ReadLog
    from labelqa.report.model import Report
    from labelqa.report.single import Shown
    from labelqa.results import Result

MAX_WIDTH = 110  # longer lines are hard to read on wide terminals
FILE_WIDTH = 100  # the same file whatever the terminal


def emit(
    result: Result,
    output: Output,
    shown: Callable[[], Shown],
    *,
    logs: Sequence[ReadLog] = (),
    arguments: Mapping[str, object] | None = None,
) -> None:
    """Write a result in the form asked for.

    Parameters
    ----------
    result : Result
        What was found; JSON is its :meth:`~labelqa.results.Result.to_dict` with the record of the run.
    output : Output
        Where to, and in which form.
    shown : callable
        Returns the result in words, tables and pictures; not called for JSON.
    logs : sequence of ReadLog
        How each input was read.
    arguments : mapping, optional
        What the user asked for.
    """
    if output.form == "json":
        output.write(_json(result, output.seed, logs, arguments))
        return
    from labelqa.report.single import single_report

    report = single_report(shown(), logs=logs, seed=output.seed, arguments=arguments)
    output.write(rendered(report, output))


def rendered(report: Report, output: Output) -> str:
    """Return a report in the form asked for: as wide as the terminal where it goes to one."""
    if output.form == "text":
        on_terminal = output.to_stdout and sys.stdout.isatty()
        width = min(shutil.get_terminal_size().columns, MAX_WIDTH) if on_terminal else FILE_WIDTH
        return report.to_text(width=max(width, 40), color=on_terminal and "NO_COLOR" not in os.environ)
    return report.to_html() if output.form == "html" else report.to_markdown()


def _json(result: Result, seed: int, logs: Sequence[ReadLog], arguments: Mapping[str, object] | None) -> str:
    """Return the result, how each input was read (a list where there are several), and the record of the run."""
    import orjson

    from labelqa.annotations.provenance import run_of
    from labelqa.results import json_safe

    read = [json_safe(asdict(log) | {"n_set_aside": log.n_set_aside}) for log in logs]
    run = run_of(logs, seed=seed, arguments=arguments)
    content = result.to_dict() | {"run": json_safe(run.to_dict())}
    if read:
        content["read_log"] = read[0] if len(read) == 1 else read
    return orjson.dumps(content, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS).decode()
