"""A guideline as a file that people edit: it notes the version it was made from.

The note is the first line, an HTML comment, which no Markdown viewer shows. It lets an import tell whether somebody
else published meanwhile.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from labelqa.errors import FileFormatError, Problem

if TYPE_CHECKING:
    from collections.abc import Sequence

    from labelqa.guidelines.document import Guideline
    from labelqa.guidelines.versions import GuidelineVersion

HASH_LENGTH = 16
NOTE = "<!-- labelqa guideline, made from version {number} ({hash}). Keep this line: the import reads it -->"
_NOTED = re.compile(
    r"\ufeff?<!-- labelqa guideline, made from version (\d{1,9}) \(([0-9a-f]{16})\)[^\n]*-->[ \t]*\r?\n?"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class GuidelineFile:
    """A guideline that was read from a file.

    Attributes
    ----------
    name : str
        Name of the file.
    guideline : Guideline
        What it says.
    base : int or None
        Version that it notes as the one it was made from.
    base_hash : str
        Start of the hash of that version's content; empty without a note.
    """

    name: str
    guideline: Guideline
    base: int | None = None
    base_hash: str = ""

    def checked_base(self, history: Sequence[GuidelineVersion]) -> int | None:
        """Return the version the file was made from; refuse one of another project."""
        if self.base is None:
            return None
        found = next((v for v in history if v.number == self.base), None)
        if found is None or found.content_hash[:HASH_LENGTH] != self.base_hash:
            what = f"the file notes that it was made from a version {self.base} that this project does not have"
            step = "It is of another project; or name the version it was made from with --base."
            raise FileFormatError(Problem(what=what, file=self.name, row=1, value=self.base, next_step=step))
        return self.base


def file_text(guideline: Guideline, base: GuidelineVersion) -> str:
    """Return the content of a file: the note, and the guideline as Markdown."""
    from labelqa.guidelines.markdown import guideline_markdown

    return f"{note_of(base)}\n\n{guideline_markdown(guideline)}"


def note_of(base: GuidelineVersion) -> str:
    """Return the first line of a file that was made from `base`."""
    return NOTE.format(number=base.number, hash=base.content_hash[:HASH_LENGTH])


def read_file(path: Path) -> GuidelineFile:
    """Read a guideline, with its note or without one.

    Raises
    ------
    FileFormatError
        If it cannot be read; with every line that is not understood.
    """
    from labelqa.guidelines.markdown_reader import parse_guideline_markdown
    from labelqa.review.exchange.files import read_text

    text = read_text(path)
    noted = _NOTED.match(text)
    below = text if noted is None else "\n" + text[noted.end() :]  # rows stay as they are in the file
    guideline = parse_guideline_markdown(below, file=path.name)
    if noted is None:
        return GuidelineFile(name=path.name, guideline=guideline)
    return GuidelineFile(name=path.name, guideline=guideline, base=int(noted[1]), base_hash=noted[2])


def renote(path: Path, base: GuidelineVersion) -> None:
    """Write the version into the note of a file that has one; the rest stays as it is."""
    from labelqa.review.exchange.files import write_file

    content = path.read_bytes()
    end = content.find(b"\n")
    first = content[:end].decode("utf-8", "replace") if end > 0 else ""
    if _NOTED.match(first):
        mark = b"\xef\xbb\xbf" if content.startswith(b"\xef\xbb\xbf") else b""
        line_end = b"\r" if first.endswith("\r") else b""
        write_file(path, mark + note_of(base).encode() + line_end + content[end:])
