"""A guideline as one self-contained page to read and to print: no scripts, nothing from outside, all text escaped."""

from __future__ import annotations

from functools import cache
from itertools import groupby

from jinja2 import Environment

from labelqa.guidelines.document import Guideline
from labelqa.guidelines.markdown import HEADINGS
from labelqa.guidelines.rule import Rule
from labelqa.report.render.environment import html_environment
from labelqa.text import visible

TEMPLATE = "guideline.html.j2"
Part = tuple[str, tuple[Rule, ...]]


def guideline_html(guideline: Guideline, *, version: int | None = None, title: str = "") -> str:
    """Return a guideline as a page that prints well.

    Parameters
    ----------
    guideline : Guideline
        What to show.
    version : int, optional
        Number of the version, shown at the top.
    title : str
        Title where the guideline has none.

    Returns
    -------
    str
        HTML. Rules without text are left out; a class without any rule says so.

    Examples
    --------
    >>> from labelqa.guidelines.starter import starter_guideline
    >>> "<h2>&lt;bug&gt;</h2>" in guideline_html(starter_guideline(["<bug>", "wish"]))
    True
    """
    return _environment().get_template(TEMPLATE).render(
        title=guideline.title or title or "Labeling instruction",
        version=version,
        introduction=_paragraphs(guideline.introduction),
        classes=[(name, _parts(guideline, name)) for name in guideline.classes],
    ) + "\n"  # fmt: skip


def _parts(guideline: Guideline, class_name: str) -> list[Part]:
    rules = [r for r in guideline.rules_of(class_name) if r.text.strip() or r.item is not None]
    return [(HEADINGS[kind], tuple(some)) for kind, some in groupby(rules, key=lambda r: r.kind)]


def _paragraphs(text: str) -> list[str]:
    return [part for part in (p.strip("\n") for p in text.split("\n\n")) if part.strip()]


def _shown(text: str) -> str:
    """Return text with its lines, and with control characters made visible."""
    return "\n".join(visible(line) for line in text.split("\n"))


@cache
def _environment() -> Environment:
    return html_environment(_shown)
