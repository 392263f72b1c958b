"""User text made safe to show: control and direction characters are spelled out, whitespace is one line."""

from __future__ import annotations

import re

_SPACES = re.compile(r"\s+")
# Control characters (they drive terminals), direction overrides (they reorder what follows), invisible separators.
_UNSEEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]"
)
_WORD = re.compile(r"[^\W_]+(?:['\u2019][^\W_]+)*")
_UNSPACED = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]{2,}")
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")


def visible(value: object) -> str:
    r"""Return `value` as one line of text in which no character acts instead of showing.

    Examples
    --------
    >>> print(visible("a\tb \x1b[31m \u202ec"))
    a b \x1b[31m \u202ec
    """
    text = _SPACES.sub(_space_or_code, without_surrogates(str(value))).strip()
    return _UNSEEN.sub(_code, text)


def shortened(value: object, limit: int) -> str:
    """Return :func:`visible` text of at most `limit` characters, the last one an ellipsis where text was cut."""
    text = visible(value)
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def shortened_inside(value: object, limit: int) -> str:
    """Return :func:`visible` text of at most `limit` characters, cut in the middle: names often differ at their end.

    Examples
    --------
    >>> shortened_inside("category number 06 of the list", 13)
    'catego…e list'
    """
    text = visible(value)
    tail = (limit - 1) // 2
    return text if len(text) <= limit else f"{text[: limit - 1 - tail].rstrip()}…{text[len(text) - tail :].lstrip()}"


def without_surrogates(text: str) -> str:
    """Return `text` with half characters, which no encoding can write, as the replacement character."""
    return _LONE_SURROGATE.sub("\ufffd", text)


def _space_or_code(match: re.Match[str]) -> str:
    # \s also matches the separators FS, GS, RS, US (0x1c-0x1f): those are spelled out, not swallowed.
    return "".join(_code_of(c) for c in match[0] if "\x1c" <= c <= "\x1f") or " "


def _code(match: re.Match[str]) -> str:
    return _code_of(match[0])


def _code_of(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")


def harmless(text: str) -> str:
    """Return `text` with its spaces and line ends as they are, but every other acting character spelled out."""
    return "\n".join(_UNSEEN.sub(_code, line) for line in without_surrogates(text).split("\n"))


def words_of(text: object) -> list[str]:
    """Return the words of a text in their order, in lower case; scripts without spaces give pairs of characters.

    Examples
    --------
    >>> words_of("It's my 2nd bill!")
    ["it's", 'my', '2nd', 'bill']
    >>> words_of(None)
    []
    """
    if not isinstance(text, str):
        return []
    out: list[str] = []
    for word in _WORD.findall(text.casefold()):
        out += [word[i : i + 2] for i in range(len(word) - 1)] if is_unspaced(word) else [word]
    return out


def is_unspaced(word: str) -> bool:
    """Whether a word is of a script that puts no spaces between words (Thai, Chinese, Japanese, ...)."""
    return _UNSPACED.search(word) is not None


def counted(n: int, word: str, words: str | None = None) -> str:
    """Return `n` with its noun, in the plural unless `n` is one.

    Examples
    --------
    >>> counted(1, "item"), counted(1200, "item"), counted(2, "class", "classes")
    ('1 item', '1,200 items', '2 classes')
    """
    return f"{n:,} {word if n == 1 else words or word + 's'}"
