"""Pairs of texts that share nearly all their words, found without comparing all pairs."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from labelqa.text import words_of

SIMILAR = 0.8  # Jaccard similarity of the runs of three words, from which two texts are nearly the same
RUN = 3  # words of a run
LOOKED_AT = 200  # words of a text that candidates are found by; they are judged by all
BANDS, ROWS = 8, 4  # finds 98 of 100 pairs with a similarity of .8
HOPELESS = 0.5  # similarity by the signatures under which a pair is not looked at: 4 standard errors below SIMILAR
_SIGN = re.compile(r"[^\w\s.,:;!?'\"()\[\]\-\u2010-\u2015\u2026\u2019\u2018\u201c\u201d\u00ab\u00bb\u201e]")
_ASCII_WORD = re.compile("[a-z0-9]+(?:'[a-z0-9]+)*")
_DIGIT = re.compile(r"\d")
_MIX = np.uint64(0x9E3779B97F4A7C15)
Hashes = npt.NDArray[np.uint64]


def tokens_of(text: str) -> list[str]:
    """Return the words of a text and the signs that can carry meaning (emoji, plus), without case and punctuation.

    Examples
    --------
    >>> tokens_of("Great, thanks! 😀"), tokens_of("great thanks 😡")
    (['great', 'thanks', '😀'], ['great', 'thanks', '😡'])
    """
    words = _ASCII_WORD.findall(text.lower()) if text.isascii() else words_of(text)  # the same words, sooner
    return [*words, *_SIGN.findall(text)]


def near_pairs(texts: Sequence[Sequence[str]]) -> Iterator[tuple[int, int]]:
    """Yield pairs of texts, as words, that share runs of three words with a Jaccard similarity of :data:`SIMILAR`.

    Texts whose numbers differ are not the same: bills and reports follow one template. Time and memory grow with the
    number of words; where many texts are alike each is compared with its neighbours of a bucket only, so that
    their groups, not all pairs, are complete.

    References
    ----------
    Broder, A. (1997). On the resemblance and containment of documents. SEQUENCES'97, 21-29.
    Indyk, P. & Motwani, R. (1998). Approximate nearest neighbors. STOC'98, 604-613.

    Examples
    --------
    >>> one = "the parcel that i ordered two weeks ago has not arrived and nobody answers my calls or letters".split()
    >>> list(near_pairs([one, [*one, "yet"], [*one[:9], "was", "broken"]]))
    [(0, 1)]
    """
    if len(texts) < 2:
        return
    signatures = _signatures(texts)
    runs: dict[int, frozenset[tuple[str, ...]]] = {}
    for a, b in _candidates(signatures).tolist():
        one, other = (runs[i] if i in runs else runs.setdefault(i, _runs(texts[i])) for i in (a, b))
        if len(one & other) >= SIMILAR * len(one | other) and _numbers(texts[a]) == _numbers(texts[b]):
            yield a, b


def _numbers(words: Sequence[str]) -> Counter[str]:
    return Counter(word for word in words if _DIGIT.search(word))


def _runs(words: Sequence[str]) -> frozenset[tuple[str, ...]]:
    return frozenset(zip(words, words[1:], words[2:], strict=False))


def _signatures(texts: Sequence[Sequence[str]]) -> Hashes:
    """Return the MinHash signature of each text, uint64 (texts, BANDS * ROWS)."""
    heads = [words[:LOOKED_AT] for words in texts]
    codes: dict[str, int] = {}
    flat = np.fromiter((codes.setdefault(w, len(codes)) for words in heads for w in words), dtype=np.uint64)
    flat = _mixed(flat + np.uint64(1))
    run = flat[:-2] * np.uint64(3) ^ _mixed(flat[1:-1] + np.uint64(7)) ^ _mixed(flat[2:] * np.uint64(5))
    length = np.array([len(words) for words in heads])
    start = np.r_[0, np.cumsum(length)[:-1]]
    inner = np.ones(flat.size, dtype=np.bool_)  # runs do not reach into the next text
    inner[np.r_[start + length - 1, start + length - 2]] = False
    run = run[inner[:-2]]
    starts = np.r_[0, np.cumsum(length - RUN + 1)[:-1]]
    seeds = np.random.default_rng(0).integers(1, 2**63, size=BANDS * ROWS, dtype=np.uint64) | np.uint64(1)
    signature = np.empty((len(texts), seeds.size), dtype=np.uint64)
    for j, seed in enumerate(seeds):
        signature[:, j] = np.minimum.reduceat(_mixed(run * seed), starts)
    return signature


def _mixed(values: Hashes) -> Hashes:
    """Return 64-bit numbers scattered (the finisher of splitmix64, shortened)."""
    mixed = (values ^ (values >> np.uint64(30))) * _MIX
    return np.asarray(mixed ^ (mixed >> np.uint64(27)))


def _candidates(signatures: Hashes) -> npt.NDArray[np.intp]:
    """Return pairs of neighbours in a bucket of a band whose signatures are alike, (pairs, 2), in order."""
    found = []
    for band in range(BANDS):
        key = np.zeros(len(signatures), dtype=np.uint64)
        for j in range(band * ROWS, (band + 1) * ROWS):
            key = _mixed(key * np.uint64(3) + signatures[:, j])
        order = np.argsort(key, kind="stable")
        same = key[order[1:]] == key[order[:-1]]
        found.append(np.column_stack([order[:-1][same], order[1:][same]]))
    pairs = np.unique(np.concatenate(found), axis=0) if found else np.empty((0, 2), dtype=np.intp)
    alike = (signatures[pairs[:, 0]] == signatures[pairs[:, 1]]).mean(axis=1)
    return np.asarray(pairs[alike >= HOPELESS])
