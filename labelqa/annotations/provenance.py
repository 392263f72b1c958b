"""The record of a run, from how its inputs were read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from labelqa.annotations.readlog import ReadLog
from labelqa.runinfo import InputFile, RunInfo, make_run_info


def run_of(logs: Sequence[ReadLog], *, seed: int, arguments: Mapping[str, object] | None = None) -> RunInfo:
    """Return the record of a run that read these inputs."""
    inputs = [InputFile(name=s.name, sha256=s.sha256, rows=s.rows) for log in logs for s in log.sources]
    return make_run_info(arguments=arguments, seed=seed, inputs=inputs, mapping=logs[0].mapping if logs else None)
