"""Text of users and of the library as Markdown that shows it letter by letter."""

from __future__ import annotations

import re

SPECIAL = re.compile(r"([\\`*_{}\[\]()#+\-.!$:<>|~&])")


def markdown(text: str) -> str:
    """Return `text` with every character escaped that Streamlit's Markdown would act on."""
    return SPECIAL.sub(r"\\\1", text)
