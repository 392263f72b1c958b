"""What a result was made from and with: inputs, arguments, seed, versions and time."""

from __future__ import annotations

import datetime as dt
import os
import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import PurePath, PureWindowsPath

from labelqa._version import __version__
from labelqa.errors import ParameterError, Problem
from labelqa.text import shortened

EPOCH_VARIABLE = "SOURCE_DATE_EPOCH"
EPOCHS = (f"0 to {253_402_300_799}",)  # the last second of the year 9999
PATH_KEYS = ("paths", "path", "source", "output")  # arguments that hold paths


@dataclass(frozen=True, slots=True, kw_only=True)
class InputFile:
    """One input.

    Attributes
    ----------
    name : str
        File name without its folder, or ``"frame"``.
    sha256 : str
        SHA-256 of the bytes of the file, or of the coded table where a frame was given.
    rows : int
        Data rows.
    """

    name: str
    sha256: str
    rows: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RunInfo:
    """Run metadata: enough to repeat a run, and nothing that tells whose machine it was.

    Attributes
    ----------
    labelqa, python, numpy, pandas : str
        Versions.
    created_utc : str
        UTC time as ISO 8601; fixed by the environment variable ``SOURCE_DATE_EPOCH``.
    arguments : mapping of str to object
        What the user asked for; paths are cut to file names, sets are sorted.
    seed : int
        Seed of everything random.
    inputs : tuple of InputFile
        What was read.
    mapping : mapping of str to str or tuple of str
        Role (item, annotator, label, ...) to the column taken for it.
    """

    labelqa: str
    python: str
    numpy: str
    pandas: str
    created_utc: str
    arguments: Mapping[str, object] = field(default_factory=dict)
    seed: int = 0
    inputs: tuple[InputFile, ...] = ()
    mapping: Mapping[str, str | tuple[str, ...]] = field(default_factory=dict)

    def to_dict(self) -> dict[str, object]:
        """Return plain dictionaries, lists, texts and numbers."""
        return {
            "labelqa": self.labelqa,
            "python": self.python,
            "numpy": self.numpy,
            "pandas": self.pandas,
            "created_utc": self.created_utc,
            "arguments": dict(self.arguments),
            "seed": self.seed,
            "inputs": [{"name": i.name, "sha256": i.sha256, "rows": i.rows} for i in self.inputs],
            "mapping": {role: list(c) if isinstance(c, tuple) else c for role, c in self.mapping.items()},
        }


def make_run_info(
    *,
    arguments: Mapping[str, object] | None = None,
    seed: int = 0,
    inputs: Sequence[InputFile] = (),
    mapping: Mapping[str, str | tuple[str, ...]] | None = None,
) -> RunInfo:
    """Return the metadata of a run that starts now.

    Parameters
    ----------
    arguments : mapping, optional
        What the user asked for. What stands under ``paths``, ``path``, ``source`` or ``output`` is cut to file names
        (and :class:`pathlib.Path` objects anywhere), so that no folder of the machine is published and the working
        directory changes nothing; other values stay as they are. Sets become sorted lists.
    seed : int
        Seed of everything random.
    inputs : sequence of InputFile
        What was read.
    mapping : mapping, optional
        Role to column.

    Raises
    ------
    ParameterError
        If ``SOURCE_DATE_EPOCH`` is set to something that is not a whole number of seconds.
    """
    return RunInfo(
        labelqa=__version__,
        python=platform.python_version(),
        numpy=version("numpy"),
        pandas=version("pandas"),
        created_utc=_now().strftime("%Y-%m-%dT%H:%M:%SZ"),
        arguments={key: _recorded(value, key in PATH_KEYS) for key, value in (arguments or {}).items()},
        seed=seed,
        inputs=tuple(inputs),
        mapping=dict(mapping or {}),
    )


def _now() -> dt.datetime:
    fixed = os.environ.get(EPOCH_VARIABLE, "").strip()
    if not fixed:
        return dt.datetime.now(dt.UTC)
    try:
        if not (fixed.isascii() and fixed.isdecimal()):
            raise ValueError(fixed)
        return dt.datetime.fromtimestamp(int(fixed), dt.UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise ParameterError(
            Problem(
                what=f"the environment variable {EPOCH_VARIABLE}={shortened(fixed, 40)!r} is not a time",
                parameter=EPOCH_VARIABLE,
                value=fixed,
                allowed=EPOCHS,
                next_step="Set it to whole seconds since 1970 (UTC), or unset it.",
            )
        ) from error


def _recorded(value: object, is_path: bool) -> object:
    if isinstance(value, Mapping):
        return {str(k): _recorded(v, is_path or k in PATH_KEYS) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_recorded(v, is_path) for v in value]
    if isinstance(value, set | frozenset):
        return sorted((_recorded(v, is_path) for v in value), key=lambda v: (str(v), type(v).__name__))
    if isinstance(value, PurePath) or (is_path and isinstance(value, str)):
        return _file_name(str(value))
    return value


def _file_name(path: str) -> str:
    windows = PureWindowsPath(path)
    return (windows.name if windows.is_absolute() else PurePath(path).name) or path
