"""The report and its four views."""

from __future__ import annotations

import html
import os
from dataclasses import dataclass
from pathlib import Path

from labelqa.errors import ParameterError, Problem
from labelqa.io.whole import write_whole
from labelqa.report.document import Document
from labelqa.report.render import as_html, as_json, as_markdown, as_text

FORMS = {".html": "html", ".htm": "html", ".md": "markdown", ".json": "json", ".txt": "text"}  # by file ending
FRAME_HEIGHT = 720  # pixels of the report within a notebook


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class Report(Document):
    """How consistent the labels are, with the evidence.

    Made by :func:`labelqa.report.build.build_report`.

    Attributes
    ----------
    title : str
        Title of the report.
    headline : Headline
        The answer in short; ``str(report.headline)`` is one sentence.
    notices : tuple of Notice
        The most important warnings.
    sections : tuple of Section
        Questions and answers, in reading order.
    run : RunInfo
        Inputs, arguments, seed, versions, time.
    read_log : ReadLog
        How the data was understood.
    """

    def to_html(self) -> str:
        """Return one self-contained page: no script, no request, charts drawn inline."""
        return as_html.render(self)

    def to_markdown(self) -> str:
        """Return GitHub-flavoured Markdown without charts."""
        return as_markdown.render(self)

    def to_json(self) -> str:
        """Return everything as JSON: all rows of all tables, keys documented in ``labelqa/report/README.md``."""
        return as_json.render(self)

    def to_text(self, *, width: int = 80, color: bool = False) -> str:
        """Return text for the terminal.

        Parameters
        ----------
        width : int
            Characters in a line, at least 40.
        color : bool
            Whether to emphasise with terminal colours.
        """
        return as_text.render(self, width=width, color=color)

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the view that the ending of `path` names, all of it or nothing.

        Parameters
        ----------
        path : path
            Ends in ``.html``, ``.htm``, ``.md``, ``.json`` or ``.txt``.

        Returns
        -------
        Path
            The file written.

        Raises
        ------
        ParameterError
            If the ending is another one, `path` is a folder, or its folder does not exist.
        OSError
            If the file cannot be written.
        """
        views = {"html": self.to_html, "markdown": self.to_markdown, "json": self.to_json, "text": self.to_text}
        return write_whole(path, views[form_of_path(path)]().encode())

    def __repr__(self) -> str:
        return "\n".join(
            [
                f"Report: {self.headline}",
                f"  sections: {', '.join(s.key for s in self.sections)}",
                f"  notices: {', '.join(n.key for n in self.notices) or 'none'}",
                "  next: report.save('report.html'), or print(report.to_text())",
            ]
        )

    def _repr_html_(self) -> str:
        """Show the page in a frame of its own, so that its style and the notebook's do not mix."""
        return (
            f'<iframe srcdoc="{html.escape(self.to_html())}" sandbox="" title="labelqa report" '
            f'style="width:100%;height:{FRAME_HEIGHT}px;border:1px solid #8884;border-radius:8px"></iframe>'
        )


def form_of_path(path: str | os.PathLike[str]) -> str:
    """Return the form that the ending of `path` names: ``html``, ``markdown``, ``json`` or ``text``.

    Parameters
    ----------
    path : path
        Ends in ``.html``, ``.htm``, ``.md``, ``.json`` or ``.txt``, in capitals or not.

    Raises
    ------
    ParameterError
        If the ending is another one.

    Examples
    --------
    >>> form_of_path("out/report.md")
    'markdown'
    """
    target = Path(path)
    form = FORMS.get(target.suffix.lower())
    if form is None:
        raise ParameterError(
            Problem(
                what=f"cannot tell the format of the report from the name {target.name!r}",
                parameter="path",
                value=target.suffix,
                allowed=tuple(FORMS),
                next_step="Give the file one of these endings.",
            )
        )
    return form
