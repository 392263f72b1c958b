"""Where a result goes, and in which form."""

from __future__ import annotations

import glob
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    import pandas as pd

ENDINGS = {".html": "html", ".htm": "html", ".md": "markdown", ".json": "json", ".txt": "text"}
TABLE = ".csv"
FORMATS = ("text", "json", "markdown", "html")


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """Where the result goes, and in which form."""

    format: str | None
    path: str | None
    seed: int

    @property
    def to_stdout(self) -> bool:
        """Whether the result goes to stdout."""
        return self.path is None or self.path == "-"

    @property
    def form(self) -> str:
        """The form asked for, or the one that the ending of the output file names; text on stdout."""
        if self.format is not None or self.path is None or self.path == "-":
            return self.format or "text"
        form = ENDINGS.get(Path(self.path).suffix.lower())
        if form is None:
            raise self._unknown_ending(tuple(ENDINGS))
        return form

    def _unknown_ending(self, allowed: tuple[str, ...]) -> click.BadParameter:
        what = f"cannot tell the format from the name {self.path!r}"
        return click.BadParameter(f"{what} (allowed endings: {', '.join(allowed)}). Add --format.", param_hint="-o")

    @property
    def is_table(self) -> bool:
        """Whether the output file is to hold a plain table."""
        return self.format is None and self.path is not None and Path(self.path).suffix.lower() == TABLE

    def refuse_inputs(self, paths: tuple[str, ...], *, tables: bool = False) -> None:
        """Raise a usage error, before anything is read, where the output cannot be written or would destroy labels.

        `tables` says whether the command can write its result as a plain table (CSV).
        """
        if self.path is None or self.path == "-":
            return
        target = Path(self.path)
        if not self.path.strip() or target.is_dir():
            raise click.BadParameter(
                f"{self.path!r} is not a file name (allowed: for example report.html)", param_hint="-o"
            )
        if target.exists() and any(_holds(path, target) for path in paths):
            raise click.BadParameter(f"{self.path!r} is the input file: choose another name", param_hint="-o")
        if not target.parent.is_dir():
            raise click.BadParameter(
                f"cannot write {self.path!r}: there is no folder {str(target.parent)!r}. Create it, or choose another "
                "place.",
                param_hint="-o",
            )
        allowed = (*ENDINGS, TABLE) if tables else tuple(ENDINGS)
        if self.format is None and target.suffix.lower() not in allowed:
            raise self._unknown_ending(allowed)

    def write_table(self, frame: pd.DataFrame) -> None:
        """Write a plain table (CSV) that no spreadsheet takes for formulas; say on stderr what was changed for that."""
        from labelqa.io.formulas import defused, note_on_disarmed

        safe, n = defused(frame)
        self.write(safe.to_csv(index=False, lineterminator="\n"))
        for note in note_on_disarmed(n, str(self.path), "write .json to keep them as they are."):
            click.echo(note, err=True)

    def write(self, text: str) -> None:
        """Write to the output file, or to stdout."""
        text = text if text.endswith("\n") else text + "\n"
        if self.path is None or self.path == "-":
            click.echo(text, nl=False)
            return
        try:  # a pipe or a device cannot be replaced, only written to
            whole = Path(self.path).is_file() or not Path(self.path).exists()
            with click.open_file(self.path, "w", encoding="utf-8", atomic=whole) as file:
                file.write(text)
        except OSError as error:
            raise click.BadParameter(
                f"cannot write {self.path!r}: {(error.strerror or str(error)).lower()}. Choose another place.",
                param_hint="-o",
            ) from error
        click.echo(f"wrote {self.path}", err=True)


def _holds(path: str, target: Path) -> bool:
    """Whether `target` is a file of labels that `path` (a file, a folder or a pattern) names."""
    from labelqa.io.places import NOT_LABELS

    given = Path(path).expanduser()
    if given.is_dir():
        return target.parent.samefile(given) and target.suffix.lower() not in NOT_LABELS
    files = [given] if given.exists() else [Path(p) for p in glob.glob(str(given), recursive=True)]  # noqa: PTH207
    return any(target.samefile(file) for file in files)
