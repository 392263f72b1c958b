"""Text of users and of the library as Markdown that shows it letter by letter."""

from __future__ import annotations

import re

SPECIAL = re.compile(r"([\\`*_{}\[\]()#+\-.!$:<>|~&=@])")
# Streamlit makes links, icons and arrows of text after escapes are resolved: a word joiner, which has no width, keeps
# `https://`, `www.`, `a@b`, `:material/home:`, `->` and their like from being seen as one thing.
ALIVE = re.compile(r"(?<=:)(?=[/\w])|(?<=www)(?=\.)|(?<=@)(?=\w)|(?<=[-<>=!~])(?=[-<>=])", re.IGNORECASE)
JOINER = "\u2060"


def markdown(text: str) -> str:
    """Return `text` with every character escaped, or held apart, that Streamlit's Markdown would act on."""
    return SPECIAL.sub(r"\\\1", ALIVE.sub(JOINER, text))
