"""Text of users and of the library as Markdown, or as HTML, that shows it letter by letter."""

from __future__ import annotations

import html
import re

SPECIAL = re.compile(r"([\\`*_{}\[\]()#+\-.!$:<>|~&=@])")
# Streamlit makes links, icons and arrows of text after escapes are resolved: a word joiner, which has no width, keeps
# `https://`, `www.`, `a@b`, `:material/home:`, `->` and their like from being seen as one thing.
ALIVE = re.compile(r"(?<=:)(?=[/\w])|(?<=www)(?=\.)|(?<=@)(?=\w)|(?<=[-<>=!~])(?=[-<>=])", re.IGNORECASE)
JOINER = "\u2060"
LONG = 3000  # characters of a text before the rest is left out, or folded away


def markdown(text: str) -> str:
    """Return `text` with every character escaped, or held apart, that Streamlit's Markdown would act on."""
    return SPECIAL.sub(r"\\\1", ALIVE.sub(JOINER, text))


def escaped(value: object, longest: int = LONG) -> str:
    """Return `value` as text for HTML, a sign in the place of NUL, cut where it is longer than `longest`.

    Examples
    --------
    >>> escaped("<b>"), escaped("long", 2)
    ('&lt;b&gt;', 'lo…')
    """
    text = str(value).replace("\0", "\N{SYMBOL FOR NULL}")
    return html.escape(text[:longest]) + "…" * (len(text) > longest)
