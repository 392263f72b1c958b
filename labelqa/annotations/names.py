"""Names that may be one: how to compare the names of classes, annotators and items, in one place.

Two kinds of difference: one that carries no meaning (:func:`plain_name`, :func:`bare_name`), and a slip of one letter
(:func:`slips`), which may carry meaning and needs other evidence before anybody is told.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence

from labelqa.annotations.schema import as_real

LEAST_LETTERS = 5  # of a word, from which one other letter may be a slip: "dent" and "bent" are two words
MOST_ALIKE = 50  # names that share all but one letter of a word; where more do, they are no slips
_LETTER, _WORD, _SEPARATOR = r"[^\W\d_]", r"[^\W_]", r"[\s_\-\u2010-\u2015/\\.,:;'\u2019]+"
_BETWEEN = re.compile(f"(?<={_LETTER}){_SEPARATOR}(?={_WORD})|(?<={_WORD}){_SEPARATOR}(?={_LETTER})")
_LEADING_ZEROS = re.compile(f"(?<={_LETTER})0+(?=\\d)")
_TOKEN = re.compile(rf"{_LETTER}+|\d+|[^\w\s]")
_OUTER = " \t\r\n_.,:;'\"()[]…"
# Cyrillic and Greek letters that look like Latin ones, in lower case.
_LOOK_ALIKES = str.maketrans(
    "\u0430\u0435\u043e\u0440\u0441\u0443\u0445\u0456\u0458\u0455\u03bf\u03b1\u03bd", "aeopcyxijsoav"
)


def plain_name(name: str) -> str:
    """Return `name` without what case and spaces add.

    Examples
    --------
    >>> plain_name("  Very  Good ")
    'very good'
    """
    return " ".join(name.split()).casefold()


def bare_name(name: str) -> str:
    """Return what is left of `name` without case, Unicode form, look-alike letters, invisible characters, separators.

    Signs that can carry meaning stay: plus and minus at the ends, and separators between digits.

    Examples
    --------
    >>> bare_name("Non-Negative") == bare_name("non negative"), bare_name("A+") == bare_name("A-")
    (True, False)
    >>> bare_name("1.5") == bare_name("15"), bare_name("rater 01") == bare_name("Rater1")
    (False, True)
    """
    text = unicodedata.normalize("NFKC", name).casefold()
    text = "".join(c for c in text if unicodedata.category(c) != "Cf").translate(_LOOK_ALIKES)
    text = " ".join(text.split())
    number = as_real(text)
    if number is not None:
        return repr(number)
    inner = text.strip(_OUTER)
    if sum(c.isalpha() for c in inner) < 4:
        return inner or text or name
    return _LEADING_ZEROS.sub("", _BETWEEN.sub("", inner))


def groups_by(names: Iterable[object], key: Callable[[str], str]) -> list[list[int]]:
    """Return the positions of the names (texts only) that share a key, two or more each."""
    groups: dict[str, list[int]] = {}
    for position, name in enumerate(names):
        if isinstance(name, str):
            groups.setdefault(key(name), []).append(position)
    return [group for group in groups.values() if len(group) > 1]


def slips(names: Sequence[object]) -> list[tuple[int, int]]:
    """Return the pairs of positions whose names differ in one letter of one long word, first letters excepted.

    One letter is added, left out or another one, or two neighbours are swapped. Digits and signs must be equal, and
    the first letter of a word too: typing slips are rare there, and other words are common ("rental", "dental",
    "typical", "atypical").

    Examples
    --------
    >>> slips(["billing", "biling", "rental", "dental", "class 1", "class 2", "positive", "negative"])
    [(0, 1)]
    """
    alike: dict[tuple[object, ...], list[tuple[int, str]]] = {}
    for position, name in enumerate(names):
        if isinstance(name, str):
            for signature, word in _signatures(_TOKEN.findall(plain_name(name))):
                alike.setdefault(signature, []).append((position, word))
    found = set()
    for group in alike.values():
        if 1 < len(group) <= MOST_ALIKE:
            found |= {
                (min(i, j), max(i, j))
                for at, (i, a) in enumerate(group)
                for j, b in group[:at]
                if i != j and _is_one_slip(a, b)
            }
    return sorted(found)


def _signatures(tokens: list[str]) -> list[tuple[tuple[object, ...], str]]:
    """Return what is left of a name where one letter of a long word is missing, and that word (Mor & Fraenkel 1982)."""
    out: list[tuple[tuple[object, ...], str]] = []
    for at, word in enumerate(tokens):
        if len(word) < LEAST_LETTERS - 1 or not word.isalpha():
            continue
        rest = (*tokens[:at], at, *tokens[at + 1 :])
        forms = {word, *(word[:i] + word[i + 1 :] for i in range(1, len(word)))}
        out += [((*rest, form), word) for form in forms]
    return out


def _is_one_slip(a: str, b: str) -> bool:
    if a == b or a[0] != b[0] or abs(len(a) - len(b)) > 1 or max(len(a), len(b)) < LEAST_LETTERS:
        return False
    start = next((i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))
    end = 0
    while end < min(len(a), len(b)) - start and a[-1 - end] == b[-1 - end]:
        end += 1
    left, right = a[start : len(a) - end], b[start : len(b) - end]
    swapped = len(left) == len(right) == 2 and left == right[::-1]
    return swapped or max(len(left), len(right)) == 1
