"""Pairs of texts that share nearly all their words, found without comparing all pairs."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, count

import numpy as np
import numpy.typing as npt
import pandas as pd

from labelqa.text import words_of

SIMILAR = 0.8  # Jaccard similarity of the runs of three words, from which two texts are nearly the same
RUN = 3  # words of a run
LOOKED_AT = 200  # words of a text that candidates are found by; they are judged by all
BANDS, ROWS = 8, 4  # finds 98 of 100 pairs with a similarity of .8
MOST_WORDS = 2_000_000  # of pairs that are compared at once
HOPELESS = 0.5  # similarity by the signatures under which a pair is not looked at: 4 standard errors below SIMILAR
_SIGN = re.compile(r"[^\w\s.,:;!?'\"()\[\]\-\u2010-\u2015\u2026\u2019\u2018\u201c\u201d\u00ab\u00bb\u201e]")
_ASCII_WORD = re.compile("[a-z0-9]+(?:'[a-z0-9]+)*")
_SPACES = str.maketrans(dict.fromkeys('_.,:;!?"()[]-', " "))
_DIGIT = re.compile(r"\d")
_MIX = np.uint64(0x9E3779B97F4A7C15)
Codes = npt.NDArray[np.intp]
Hashes = npt.NDArray[np.uint64]


def tokens_of(text: str) -> list[str]:
    """Return the words of a text and the signs that can carry meaning (emoji, plus), without case and punctuation.

    Examples
    --------
    >>> tokens_of("Great, thanks! 😀"), tokens_of("great thanks 😡")
    (['great', 'thanks', '😀'], ['great', 'thanks', '😡'])
    """
    if not text.isascii():
        return [*words_of(text), *_SIGN.findall(text)]
    words = text.lower().translate(_SPACES).split()
    if "".join(words).isalnum():  # no apostrophe and no sign: these are the words, found in a third of the time
        return words
    return [*_ASCII_WORD.findall(text.lower()), *_SIGN.findall(text)]


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
    words = _coded(texts)
    pairs = _candidates(_signatures(words), _number_hashes(words))
    for a, b in pairs[_similar(words, pairs)].tolist():
        if np.array_equal(words.numbers(a), words.numbers(b)):
            yield a, b


@dataclass(frozen=True, slots=True)
class _Words:
    """All words as numbers: those of text i are ``flat[start[i] : start[i] + length[i]]``; which hold a digit."""

    flat: Codes
    start: Codes
    length: Codes
    has_digit: npt.NDArray[np.bool_]

    def numbers(self, text: int) -> Codes:
        """Return the words of a text that hold a digit, sorted."""
        own = self.flat[self.start[text] : self.start[text] + self.length[text]]
        return np.sort(own[self.has_digit[own]])

    def rows(self, texts: Codes, length: Codes) -> tuple[Codes, Codes]:
        """Return the positions of the first `length` words of each of `texts`, and which of these they are of."""
        of = np.repeat(np.arange(texts.size), length)
        first = np.cumsum(length) - length
        return np.arange(of.size) - first[of] + self.start[texts][of], of


def _coded(texts: Sequence[Sequence[str]]) -> _Words:
    flat = list(chain.from_iterable(texts))
    codes = dict(zip(dict.fromkeys(flat), count(), strict=False))
    length = np.fromiter(map(len, texts), dtype=np.intp, count=len(texts))
    return _Words(
        flat=np.fromiter(map(codes.__getitem__, flat), dtype=np.intp, count=len(flat)),
        start=np.cumsum(length) - length,
        length=length,
        has_digit=np.array([_DIGIT.search(word) is not None for word in codes], dtype=np.bool_),
    )


def _number_hashes(words: _Words) -> Hashes:
    """Return a hash of the words with a digit of each text, whatever their order, uint64 (texts,)."""
    scattered = _mixed(_mixed(np.arange(1, words.has_digit.size + 1, dtype=np.uint64)))
    scattered[~words.has_digit] = 0
    return np.asarray(np.add.reduceat(scattered[words.flat], words.start))


def _similar(words: _Words, pairs: Codes) -> npt.NDArray[np.bool_]:
    """Return whether the sets of runs of each pair have a Jaccard similarity of :data:`SIMILAR`, bool (pairs,)."""
    size = words.length[pairs].sum(axis=1)
    chunk = np.cumsum(size) // MOST_WORDS
    out = np.zeros(len(pairs), dtype=np.bool_)
    for part in np.split(np.arange(len(pairs)), np.flatnonzero(np.diff(chunk)) + 1):
        out[part] = _jaccard(words, pairs[part]) >= SIMILAR
    return out


def _jaccard(words: _Words, pairs: Codes) -> npt.NDArray[np.float64]:
    texts, side = np.unique(pairs, return_inverse=True)
    at, of = words.rows(texts, words.length[texts] - RUN + 1)
    run = words.flat[at]
    for step in range(1, RUN):  # equal numbers for equal runs, without a collision
        run = pd.factorize(run * words.has_digit.size + words.flat[at + step])[0]
    n_runs = int(run.max(initial=0)) + 1
    own = np.unique(of * n_runs + run)  # each run of a text once
    n_own = np.bincount(own // n_runs, minlength=texts.size)
    sets = _Words(flat=own % n_runs, start=np.cumsum(n_own) - n_own, length=n_own, has_digit=words.has_digit)
    keys = []
    for column in side.reshape(pairs.shape).T:
        at, of = sets.rows(column, n_own[column])
        keys.append(of * n_runs + sets.flat[at])
    both = np.sort(np.concatenate(keys))
    shared = np.bincount(both[1:][both[1:] == both[:-1]] // n_runs, minlength=len(pairs))
    return np.asarray(shared / np.maximum(n_own[side.reshape(pairs.shape)].sum(axis=1) - shared, 1))


def _signatures(words: _Words) -> Hashes:
    """Return the MinHash signature of each text, uint64 (texts, BANDS * ROWS)."""
    n_runs = np.minimum(words.length, LOOKED_AT) - RUN + 1
    at, _ = words.rows(np.arange(words.length.size), n_runs)
    word = _mixed(np.arange(1, words.has_digit.size + 1, dtype=np.uint64))
    first, second, third = (
        w[words.flat] for w in (word * np.uint64(3), _mixed(word + np.uint64(7)), _mixed(word * np.uint64(5)))
    )
    run = first[at] ^ second[at + 1] ^ third[at + 2]
    starts = np.cumsum(n_runs) - n_runs
    seeds = np.random.default_rng(0).integers(1, 2**63, size=BANDS * ROWS, dtype=np.uint64) | np.uint64(1)
    signature = np.empty((n_runs.size, seeds.size), dtype=np.uint64)
    for j, seed in enumerate(seeds):
        signature[:, j] = np.minimum.reduceat(_mixed(run * seed), starts)
    return signature


def _mixed(values: Hashes) -> Hashes:
    """Return 64-bit numbers scattered (the finisher of splitmix64, shortened)."""
    mixed = values >> np.uint64(30)
    mixed ^= values
    mixed *= _MIX
    mixed ^= mixed >> np.uint64(27)
    return mixed


def _candidates(signatures: Hashes, numbers: Hashes) -> Codes:
    """Return pairs of neighbours in a bucket of a band with alike signatures and the same numbers, (pairs, 2)."""
    found = []
    for band in range(BANDS):
        key = numbers
        for j in range(band * ROWS, (band + 1) * ROWS):
            key = _mixed(key * np.uint64(3) + signatures[:, j])
        order = np.argsort(key, kind="stable")
        same = key[order[1:]] == key[order[:-1]]
        found.append(np.column_stack([order[:-1][same], order[1:][same]]))
    both = np.concatenate(found)
    pairs = np.column_stack(np.divmod(np.unique(both[:, 0] * len(signatures) + both[:, 1]), len(signatures)))
    alike = (signatures[pairs[:, 0]] == signatures[pairs[:, 1]]).mean(axis=1)
    return np.asarray(pairs[alike >= HOPELESS])
