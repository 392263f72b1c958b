"""Words that go with a class, and words that go with the dispute.

A text counts once for a word, however often it says it, so that texts are what is independent. The log-odds ratio with
an informative Dirichlet prior (Monroe, Colaresi & Quinn 2008) says how strongly a word goes with a side; whether that
is more than chance is decided by the exact hypergeometric test with Benjamini-Hochberg over the words that can be
significant at all (Tarone 1990; Gilbert 2005), so rare words cost no power.

References
----------
Monroe, B., Colaresi, M. & Quinn, K. (2008). Fightin' words. Political Analysis 16, 372-403. Tarone, R. (1990). A
modified Bonferroni method for discrete data. Biometrics 46, 515-522. Gilbert, P. (2005). A modified false discovery
rate multiple-comparisons procedure for discrete data. Appl. Statist. 54, 143-158.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from labelqa.inference.adjustment import benjamini_hochberg
from labelqa.text import words_of

Floats = npt.NDArray[np.float64]
Truths = npt.NDArray[np.bool_]
PRIOR_TEXTS = 10.0  # that the prior is worth
LEAST_TEXTS = 2  # in which a word occurs
LEVEL = 0.05


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class WordTable:
    """Which word, or pair of neighbouring words, occurs in which text.

    Attributes
    ----------
    words : object (w,)
        Words and neighbours, those that occur in the same texts as a longer one left out.
    present : csc_array (c, w)
        1 where a text has a word.
    is_single : bool (w,)
        Whether it is one word.
    """

    words: npt.NDArray[np.object_]
    present: Any
    is_single: Truths

    @classmethod
    def of(cls, texts: Sequence[object]) -> WordTable:
        """Read the words of c texts."""
        from scipy.sparse import csc_array
        from sklearn.feature_extraction.text import CountVectorizer

        vectorizer = CountVectorizer(analyzer=terms_of, binary=True, min_df=min(LEAST_TEXTS, max(len(texts), 1)))
        try:
            present = csc_array(vectorizer.fit_transform(texts), dtype=np.float64)
        except ValueError:  # no word occurs twice
            return cls(
                words=np.empty(0, dtype=object),
                present=csc_array((len(texts), 0), dtype=np.float64),
                is_single=np.empty(0, dtype=np.bool_),
            )
        words = vectorizer.get_feature_names_out().astype(object)
        kept = _distinct(words, present)
        single = np.array([" " not in w for w in words[kept]], dtype=np.bool_)
        return cls(words=words[kept], present=present[:, kept], is_single=single)

    def counts(self, rows: Truths) -> Floats:
        """Return in how many of the texts `rows` each word occurs, (w,)."""
        return np.asarray(self.present.T @ rows.astype(np.float64))


def terms_of(text: object) -> list[str]:
    """Return the words of a text and its pairs of neighbouring words."""
    words = words_of(text)
    return [*words, *(f"{first} {second}" for first, second in itertools.pairwise(words))]


def _distinct(words: npt.NDArray[np.object_], present: Any) -> npt.NDArray[np.intp]:  # noqa: ANN401  # sparse
    """Return one word of those that occur in exactly the same texts: the longest."""
    best: dict[bytes, int] = {}
    for j in range(words.size):
        key = present.indices[present.indptr[j] : present.indptr[j + 1]].tobytes()
        if key not in best or len(words[j]) > len(words[best[key]]):
            best[key] = j
    return np.array(sorted(best.values()), dtype=np.intp)


def log_odds(first: Floats, n_first: int, second: Floats, n_second: int) -> tuple[Floats, Floats]:
    """Return the log-odds ratio of each word between two groups of texts with a prior, and its z score, (w,) each.

    Parameters
    ----------
    first, second : float64 (w,)
        Texts of either group with each word.
    n_first, n_second : int
        Texts of either group.
    """
    share = (first + second + 1) / (n_first + n_second + 2)
    parts = []
    for count, n in ((first, n_first), (second, n_second)):
        has, lacks = count + PRIOR_TEXTS * share, n - count + PRIOR_TEXTS * (1 - share)
        parts.append((np.log(has / lacks), 1 / has + 1 / lacks))
    ratio = parts[0][0] - parts[1][0]
    return ratio, ratio / np.sqrt(parts[0][1] + parts[1][1])


@dataclass(frozen=True, slots=True, eq=False)
class Group:
    """How many of n texts have each word, (w,)."""

    count: Floats
    n: int


def at_least(found: Floats | float, n: int, marked: Floats | float, drawn: int) -> Floats:
    """Return the chance of `found` or more marked ones among `drawn` of n, `marked` of which are (hypergeometric)."""
    from scipy.stats import hypergeom  # a second to import

    return np.asarray(hypergeom.sf(np.asarray(found) - 1, n, marked, drawn), dtype=np.float64)


def more_often(inside: Group, others: Sequence[Group]) -> tuple[Floats, Floats]:
    """Return p values that words occur more often inside than in *each* other group, and adjusted ones, (w,) each.

    Disputed items that are nothing but a mixture of items of both classes have no word more often than both classes
    have it: so the larger of the p values counts (an intersection-union test), and which class is disputed more often
    does not matter. A word that no test could find is left out and has an adjusted p value of 1.

    Parameters
    ----------
    inside, others : Group
        The group in question and those it is compared with.

    References
    ----------
    Berger, R. L. (1982). Multiparameter hypothesis testing and acceptance sampling. Technometrics 24, 295-300.
    """
    p_values, least = np.zeros_like(inside.count), np.zeros_like(inside.count)
    for other in others:
        total, n = inside.count + other.count, inside.n + other.n
        p_values = np.maximum(p_values, at_least(inside.count, n, total, inside.n))
        least = np.maximum(least, at_least(np.minimum(total, inside.n), n, total, inside.n))
    testable = least <= LEVEL / _tarone(least)
    adjusted = np.ones_like(p_values)
    adjusted[testable] = benjamini_hochberg(p_values[testable])
    return p_values, adjusted


def _tarone(least: Floats) -> int:
    """Return the smallest m so that at most m tests can reach LEVEL / m."""
    ordered = np.sort(least)
    m = 1
    while int(np.searchsorted(ordered, LEVEL / m, side="right")) > m:
        m += 1
    return m
