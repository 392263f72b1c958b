"""What the user asked for, as readers see it."""

from __future__ import annotations

from collections.abc import Iterator

from labelqa.runinfo import RunInfo


def arguments_shown(run: RunInfo) -> Iterator[tuple[str, str]]:
    """Yield name and value of each argument that was given: lists with commas, nothing for what was left out."""
    for name, value in run.arguments.items():
        if value is not None:
            yield str(name).replace("_", " "), _as_text(value)


def _as_text(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
