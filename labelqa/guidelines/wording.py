"""Two wordings of one text: which words changed, and whether that can change how people label."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import groupby
from typing import Literal

from labelqa.text import is_unspaced

MAX_COMPARED = 4_000_000  # pairs of tokens that are compared; longer texts are shown as replaced where they differ
MIN_TYPO = 5  # letters of a word in which one changed letter can be taken for a typing error
_APOSTROPHES = "'\u2019"
_TELLING = set("%&@#/\\*")  # punctuation that says something
_NUMBER_SIGN = re.compile(r"(?<!\w)[-\u2212](?=\d)|(?<=\d)[.,:](?=\d)")  # minus, decimal point, time


@dataclass(frozen=True, slots=True)
class WordChange:
    """A stretch of text that is the same in both wordings, or only in one.

    Attributes
    ----------
    kind : {"same", "removed", "added"}
        Where it stands: in both wordings, only in the earlier, only in the later.
    text : str
        The stretch, with its spaces.
    """

    kind: Literal["same", "removed", "added"]
    text: str


def word_changes(before: str, after: str) -> tuple[WordChange, ...]:
    """Return the word-level difference of two texts.

    "same" and "removed" stretches spell the earlier text, "same" and "added" stretches the later one.

    Examples
    --------
    >>> [(c.kind, c.text) for c in word_changes("Use it now.", "Use it later.")]
    [('same', 'Use it '), ('removed', 'now'), ('added', 'later'), ('same', '.')]
    """
    old, new = _tokens(before), _tokens(after)
    return tuple(WordChange(kind, text) for kind, text in _stretches(old, new) if text)  # type: ignore[arg-type]


def marked(changes: tuple[WordChange, ...]) -> str:
    """Return a difference as one text: removed words in ``[-...-]``, added ones in ``{+...+}``, line by line.

    Examples
    --------
    >>> marked(word_changes("Use it now.", "Use it later."))
    'Use it [-now-]{+later+}.'
    """
    return "".join(c.text if c.kind == "same" else _marked_lines(c) for c in changes)


def _marked_lines(change: WordChange) -> str:
    start, end = ("[-", "-]") if change.kind == "removed" else ("{+", "+}")
    return "\n".join(f"{start}{line}{end}" if line else "" for line in change.text.split("\n"))


def is_minor_rewording(before: str, after: str, known: Collection[str] = ()) -> bool:
    """Whether two texts differ only in punctuation, case, spaces or corrected typing errors.

    A typing error is one letter changed, added, left out or swapped with its neighbour, after the first letter of a
    word of at least five letters, unless the replaced word is one of `known` (words that are used elsewhere are no
    errors). Signs that say something (``<``, ``%``, ``-5``, ``1.5``) are not punctuation here.

    Parameters
    ----------
    before, after : str
        The two texts.
    known : collection of str
        Words, in lower case, that are no typing errors.

    Examples
    --------
    >>> is_minor_rewording("The custmer pays twice", "The customer pays twice.")
    True
    >>> is_minor_rewording("Use it if they pay", "Use it unless they pay")
    False
    """
    old, new = plain_words(before), plain_words(after)
    if "".join(old) == "".join(new) and _numbers(old) == _numbers(new):
        return True
    if len(old) != len(new):
        return False
    return all(a == b or (a not in known and _is_typo(a, b)) for a, b in zip(old, new, strict=True))


def plain_words(text: str) -> list[str]:
    """Return the words of a text in lower case, without punctuation that says nothing.

    Examples
    --------
    >>> plain_words("Don't pay (more than) -1.5 %!")
    ['dont', 'pay', 'more', 'than', '-1.5', '%']
    """
    text = unicodedata.normalize("NFC", text.casefold())
    kept = {m.start() for m in _NUMBER_SIGN.finditer(text)}
    spelled = (c if at in kept else _plain(c) for at, c in enumerate(text))
    return "".join(spelled).split()


def _plain(character: str) -> str:
    if character in _APOSTROPHES:
        return ""
    if character in _TELLING or unicodedata.category(character)[0] == "S":
        return f" {character} "
    return " " if unicodedata.category(character)[0] in "PZC" else character


def _numbers(words: list[str]) -> list[str]:
    return [w for w in words if any(c.isdigit() for c in w)]


def _is_typo(a: str, b: str) -> bool:
    if a[0] != b[0] or min(len(a), len(b)) < MIN_TYPO or not (a.isalpha() and b.isalpha()):
        return False
    if is_unspaced(a) or abs(len(a) - len(b)) > 1:
        return False
    start = next((i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))
    rest_a, rest_b = a[start:], b[start:]
    swapped = rest_a[:2] == rest_b[1::-1] and rest_a[2:] == rest_b[2:]
    return swapped or rest_b in (rest_a[1:], "") or rest_a[1:] == rest_b[1:] or rest_a == rest_b[1:]


def _tokens(text: str) -> list[str]:
    out: list[str] = []
    for group, characters in groupby(text, key=_group):
        run = "".join(characters)
        out += [run] if group in ("space", "word") and not is_unspaced(run) else list(run)
    return out


def _group(character: str) -> str:
    if character.isspace():
        return "space"
    is_word = unicodedata.category(character)[0] in "LMN" or character in _APOSTROPHES
    return "word" if is_word else "sign"


def _stretches(old: list[str], new: list[str]) -> Iterator[tuple[str, str]]:
    start = _shared(old, new)
    end = _shared(old[start:][::-1], new[start:][::-1])
    old_end, new_end = len(old) - end, len(new) - end
    yield from _joined(_middle(old[start:old_end], new[start:new_end]), "".join(old[:start]), "".join(old[old_end:]))


def _middle(old: list[str], new: list[str]) -> Iterator[tuple[str, str]]:
    if len(old) * len(new) > MAX_COMPARED:
        yield from (("removed", "".join(old)), ("added", "".join(new)))
        return
    for tag, i, j, k, m in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            yield "same", "".join(old[i:j])
        else:
            yield from (("removed", "".join(old[i:j])), ("added", "".join(new[k:m])))


def _joined(middle: Iterator[tuple[str, str]], head: str, tail: str) -> Iterator[tuple[str, str]]:
    """Yield the stretches with single spaces between changed words taken into the change, neighbours joined."""
    removed, added, same = "", "", head
    for kind, text in [*((k, t) for k, t in middle if t), ("same", tail)]:
        if kind == "same" and text.isspace() and (removed or added):
            removed, added = removed + text, added + text
        elif kind == "same" and (removed or added):
            yield from (("same", same), ("removed", removed), ("added", added))
            removed, added, same = "", "", text
        elif kind == "same":
            same += text
        elif kind == "removed":
            removed += text
        else:
            added += text
    yield from (("same", same), ("removed", removed), ("added", added))


def _shared(old: list[str], new: list[str]) -> int:
    return next((i for i, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), min(len(old), len(new)))
