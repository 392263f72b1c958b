"""Tokens as items: each with its sentence, in which it is marked, so that people see what they label."""

from __future__ import annotations

TOKEN, SENTENCE = "token", "sentence"  # what the item columns are called
OPENS, CLOSES = "[[", "]]"
AROUND = 100  # characters kept on each side of a token: a long document would be repeated with each of its tokens
CUT = "…"


def in_sentence(text: str, start: int, end: int) -> str:
    """Return the text around a token, which stands between double brackets.

    Examples
    --------
    >>> in_sentence("EU rejects German call", 3, 10)
    'EU [[rejects]] German call'
    """
    before, after = text[max(start - AROUND, 0) : start], text[end : end + AROUND]
    if start > AROUND:
        before = CUT + before[before.find(" ") + 1 :]
    if len(text) - end > AROUND:
        after = (after[: after.rfind(" ") + 1].rstrip() or after) + CUT
    return " ".join(f"{before}{OPENS}{text[start:end]}{CLOSES}{after}".split())
