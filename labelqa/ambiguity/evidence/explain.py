"""The entry point: evidence on one pair of classes."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from labelqa.ambiguity.confusions import class_confusions
from labelqa.ambiguity.direction import LabelEntries, Sides, sides_of
from labelqa.ambiguity.evidence.cues import Cue, chosen_cues, mixed_cue, word_cues
from labelqa.ambiguity.evidence.neighbours import Vectors, boundary_pairs, clarity, prototypes
from labelqa.ambiguity.evidence.pair_items import PairItems
from labelqa.ambiguity.evidence.remedy import refined
from labelqa.ambiguity.evidence.result import ConfusionEvidence
from labelqa.ambiguity.evidence.rules import rule_columns, rule_cues
from labelqa.ambiguity.evidence.words import WordTable, at_least, log_odds
from labelqa.annotations.itemtexts import text_column
from labelqa.annotations.table import Annotations
from labelqa.counts.patterns import need_annotations
from labelqa.counts.who import WhoCounts
from labelqa.errors import ColumnError, ParameterError, Problem
from labelqa.inference.adjustment import benjamini_hochberg
from labelqa.inference.intervals import check_level
from labelqa.inference.randomness import random_generator

TYPICAL_SHOWN = 12  # words of each class
TYPICAL_COLUMNS = ("word", "class", "share_a", "share_b", "log_odds", "z", "p_adjusted")
FEW_SPLIT = 8
MOST_AGREED = 2_000  # items agreed to be of a class whose texts are read: more tell nothing new, and take minutes
MIDDLE = 1e-9  # clarity under which an item leans to no side
Floats = npt.NDArray[np.float64]


def explain_confusion(
    annotations: Annotations,
    pair: tuple[Hashable, Hashable],
    *,
    text: str | Sequence[object] | None = None,
    columns: Sequence[str] | None = None,
    embeddings: npt.NDArray[np.floating] | None = None,
    confidence: float = 0.95,
    rng: int | np.random.Generator = 0,
) -> ConfusionEvidence:
    """Evidence on the border of two classes: what disputed items share, who says what, and items that show the border.

    Parameters
    ----------
    annotations : Annotations
        Labels of one round on n items, with their data in ``item_data``.
    pair : tuple of two classes
        The classes, in either order.
    text : str or sequence (n,), optional
        Column of ``item_data`` that holds the texts, or the texts in the order of the items. By default the column that
        is called or looks so.
    columns : sequence of str, optional
        Columns of ``item_data`` that rules may use; by default all but the text.
    embeddings : float (n, d), optional
        Vectors of the items, in their order; by default items are compared by the words of their texts.
    confidence : float
        Level of the intervals.
    rng : int or numpy.random.Generator
        Seed of the halves and folds.

    Returns
    -------
    ConfusionEvidence
        Cues with error control (on data without any, one is shown in at most 5 % of cases), typical words, items.

    Notes
    -----
    Where more than 2,000 items are agreed to be of one of the classes, words and similar items are sought among 2,000
    of them, spread evenly over the data; the result says so. All disputed items are looked at, and rules on columns use
    all items.

    Raises
    ------
    ParameterError
        If `pair` is not two classes that met on an item, or lengths do not fit.
    ColumnError
        If a column does not exist.
    RoundsError
        If annotations hold more than one round.

    References
    ----------
    Monroe, B., Colaresi, M. & Quinn, K. (2008). Fightin' words. Political Analysis 16, 372-403. Level and power:
    ``python -m tests.bench.pair_evidence``.

    Examples
    --------
    >>> import pandas as pd
    >>> wide = pd.DataFrame({"ann": list("xxxyyyzz"), "ben": list("xxyyyxzz")})
    >>> found = explain_confusion(Annotations.from_wide(wide), ("x", "y"))
    >>> found.n_split, found.disputed["item"].tolist()
    (2, [2, 5])
    """
    need_annotations(annotations)
    check_level(confidence)
    first, second = _pair(pair)
    confusions = class_confusions(annotations, confidence=confidence)
    row = confusions.pair(first, second)
    a, b = (_code(annotations, row[side]) for side in ("class_a", "class_b"))
    whole = PairItems.of(annotations, a, b)
    items = whole.sample(MOST_AGREED)
    given = _given(text, columns, embeddings)
    seen = _Seen.of(annotations, items, given)
    words = None if seen.texts is None else WordTable.of([t if isinstance(t, str) else "" for t in seen.texts])
    ruled = seen.columns if items is whole else _data_of(annotations, whole, given)[1]
    families = _families(words, items, ruled, whole, random_generator(rng))
    cues = chosen_cues(families, confidence)
    sides = sides_of(LabelEntries.of(WhoCounts.of(annotations)[0]), a, b)
    advice, reason = refined(row, cues, whole, sides.p_value)
    return ConfusionEvidence(
        class_a=str(row["class_a"]),
        class_b=str(row["class_b"]),
        n_split=items.n_split,
        n_only_a=int(whole.is_a.sum()),
        n_only_b=int(whole.is_b.sum()),
        disagreement=float(row["disagreement"]),
        low=float(row["disagreement_low"]),
        high=float(row["disagreement_high"]),
        confidence=confidence,
        cues=cues,
        typical=_typical(words, items, row),
        boundary=seen.boundary(items),
        prototypes=seen.prototypes(items, row),
        disputed=seen.disputed(items, row),
        who=_who(sides, annotations),
        direction_p=sides.p_value,
        advice=advice,
        advice_reason=reason,
        compared_by="" if seen.vectors is None else seen.vectors.source,
        notes=(*_notes(items, seen, cues), *_sampled(whole, items)),
    )


def _families(
    words: WordTable | None, items: PairItems, columns: pd.DataFrame, whole: PairItems, rng: np.random.Generator
) -> list[list[Cue]]:
    """Return all cues that are tested: words, words of both classes, and rules on the columns of all items."""
    return [
        [] if words is None else word_cues(words, items),
        [] if words is None else mixed_cue(words, items, rng),
        rule_cues(columns, whole, rng),
    ]


@dataclass(frozen=True, slots=True)
class _Given:
    text: str | Sequence[object] | None
    columns: Sequence[str] | None
    embeddings: npt.NDArray[np.generic] | None


def _given(text: object, columns: object, embeddings: object) -> _Given:
    if isinstance(columns, str):
        raise ParameterError(
            Problem(
                what=f"columns={columns!r} is one text, not a list of columns",
                parameter="columns",
                value=columns,
                next_step=f"Write columns=[{columns!r}].",
            )
        )
    return _Given(text, columns, embeddings)  # type: ignore[arg-type]  # checked where they are used


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Seen:
    """What is known of the items of a pair: names, texts, data, vectors; c rows each."""

    names: pd.Index
    texts: list[object] | None
    columns: pd.DataFrame
    vectors: Vectors | None

    @classmethod
    def of(cls, annotations: Annotations, items: PairItems, given: _Given) -> _Seen:
        mine, columns = _data_of(annotations, items, given)
        return cls(
            names=annotations.items.take(items.item),
            texts=mine,
            columns=columns,
            vectors=_vectors(annotations, items, given.embeddings, mine),
        )

    def text_at(self, position: int) -> object:
        return None if self.texts is None else self.texts[position]

    def boundary(self, items: PairItems) -> pd.DataFrame:
        columns = ["item_a", "item_b", "similarity", "text_a", "text_b"]
        if self.vectors is None:
            return pd.DataFrame(columns=columns)
        found = boundary_pairs(self.vectors, items)
        rows = [
            (self.names[i], self.names[j], s, self.text_at(i), self.text_at(j))
            for i, j, s in found.itertuples(index=False)
        ]
        return pd.DataFrame(rows, columns=columns, dtype=object).astype({"similarity": np.float64})

    def prototypes(self, items: PairItems, row: pd.Series) -> pd.DataFrame:
        if self.vectors is None:
            return pd.DataFrame(columns=["class", "item", "text"])
        found = [
            (row[side], self.names[i], self.text_at(i))
            for side, own, other in (("class_a", items.is_a, items.is_b), ("class_b", items.is_b, items.is_a))
            for i in prototypes(self.vectors, own, other)
        ]
        return pd.DataFrame(found, columns=["class", "item", "text"], dtype=object)

    def disputed(self, items: PairItems, row: pd.Series) -> pd.DataFrame:
        clear, to_a = clarity(self.vectors, items)
        at = np.flatnonzero(items.is_split)
        at = at[np.argsort(-clear[at], kind="stable")]
        return pd.DataFrame(
            {
                "item": self.names.take(at).to_numpy(),
                "says_a": items.says_a[at].astype(np.int64),
                "says_b": items.says_b[at].astype(np.int64),
                "says_other": items.says_other[at].astype(np.int64),
                "leans_to": pd.Series([_side(row, clear[i], to_a[i]) for i in at], dtype=object),
                "clarity": clear[at],
                "text": pd.Series([self.text_at(i) for i in at.tolist()], dtype=object),
            }
        )


def _data_of(annotations: Annotations, items: PairItems, given: _Given) -> tuple[list[object] | None, pd.DataFrame]:
    """Return the texts of items, and the columns that rules may use."""
    data = annotations.item_data
    texts, column = _texts(annotations, given.text)
    mine = None if texts is None else [texts[i] for i in items.item.tolist()]
    _check_columns(data, given.columns)
    free = data.drop(columns=[column] if column is not None and given.columns is None else [])
    return mine, rule_columns(free.take(items.item), given.columns, mine)


def _sampled(whole: PairItems, items: PairItems) -> list[str]:
    """Return what is said of a sample."""
    if items is whole:
        return []
    n, shown = len(whole) - whole.n_split, len(items) - items.n_split
    return [
        f"Texts of disputed items were compared with {shown:,} of {n:,} agreed ones, spread evenly over the data; "
        "counts of words are estimated from these."
    ]


def _side(row: pd.Series, clear: float, to_a: bool) -> object:
    """Return the class that an item leans to; None where it lies in the middle."""
    if clear < MIDDLE:
        return None
    return row["class_a"] if to_a else row["class_b"]


def _pair(pair: object) -> tuple[Hashable, Hashable]:
    if isinstance(pair, str) or not isinstance(pair, tuple | list) or len(pair) != 2:
        raise ParameterError(
            Problem(
                what=f"pair={pair!r} is not two classes",
                parameter="pair",
                value=pair,
                allowed=("a tuple of two classes, for example ('billing', 'refund')",),
            )
        )
    return pair[0], pair[1]


def _code(annotations: Annotations, name: object) -> int:
    code = annotations.schema.index_of(name)
    return -1 if code is None else code


def _texts(annotations: Annotations, text: str | Sequence[object] | None) -> tuple[list[object] | None, str | None]:
    """Return the texts of all items and the column they come from."""
    data = annotations.item_data
    if text is None or isinstance(text, str):
        column = text_column(data) if text is None else text
        if text is not None:
            _check_columns(data, [text])
        return (None, None) if column is None else (data[column].astype(object).tolist(), column)
    values = list(text)
    if len(values) != annotations.n_items:
        raise ParameterError(
            Problem(
                what=f"text has {len(values):,} entries, but there are {annotations.n_items:,} items",
                parameter="text",
                value=len(values),
                next_step="Pass one text an item, in the order of annotations.items.",
            )
        )
    return values, None


def _check_columns(data: pd.DataFrame, columns: Sequence[str] | None) -> None:
    missing = [c for c in columns or () if c not in data.columns]
    if missing:
        raise ColumnError(
            Problem(
                what=f"the items have no column {missing[0]!r}",
                parameter="columns",
                value=missing[0],
                allowed=tuple(str(c) for c in data.columns),
            )
        )


def _vectors(
    annotations: Annotations, items: PairItems, embeddings: npt.NDArray[np.generic] | None, texts: list[object] | None
) -> Vectors | None:
    if embeddings is not None:
        if np.shape(embeddings)[:1] != (annotations.n_items,):
            raise ParameterError(
                Problem(
                    what=f"embeddings has the shape {np.shape(embeddings)} for {annotations.n_items:,} items",
                    parameter="embeddings",
                    next_step="Pass one row an item, in the order of annotations.items.",
                )
            )
        return Vectors.of_embeddings(np.asarray(embeddings)[items.item])
    return None if texts is None else Vectors.of_texts([t if isinstance(t, str) else "" for t in texts])


def _typical(words: WordTable | None, items: PairItems, row: pd.Series) -> pd.DataFrame:
    """Return the words that are typical of either class where all agree."""
    n_a, n_b = int(items.is_a.sum()), int(items.is_b.sum())
    if words is None or not n_a or not n_b or not words.words.size:
        return pd.DataFrame(columns=list(TYPICAL_COLUMNS))
    with_a, with_b = words.counts(items.is_a), words.counts(items.is_b)
    ratio, z = log_odds(with_a, n_a, with_b, n_b)
    tails = [at_least(x, n_a + n_b, with_a + with_b, n) for x, n in ((with_a, n_a), (with_b, n_b))]
    adjusted = benjamini_hochberg(np.minimum(2 * np.minimum(*tails), 1.0))
    frame = pd.DataFrame(
        {
            "word": words.words,
            "class": pd.Series(np.where(z > 0, str(row["class_a"]), str(row["class_b"])), dtype=object),
            "share_a": with_a / n_a,
            "share_b": with_b / n_b,
            "log_odds": ratio,
            "z": z,
            "p_adjusted": adjusted,
        }
    )
    order = np.argsort(-np.abs(z), kind="stable")
    shown = frame.iloc[order[(adjusted <= 0.05)[order]]]
    return shown.groupby(shown["z"] > 0, sort=False).head(TYPICAL_SHOWN).reset_index(drop=True)


def _who(sides: Sides, annotations: Annotations) -> pd.DataFrame:
    names = WhoCounts.of(annotations)[0].annotators
    some = np.flatnonzero(sides.labels > 0)
    labels = sides.labels[some]
    frame = pd.DataFrame(
        {
            "annotator": pd.Series([names[i] for i in some], dtype=object),
            "n": labels.round().astype(np.int64),
            "says_a": sides.says_a[some].round().astype(np.int64),
            "says_b": (labels - sides.says_a[some]).round().astype(np.int64),
            "share_a": sides.says_a[some] / labels,
            "expected_a": sides.expected_a[some] / labels,
            "z": sides.z_scores[some],
        }
    )
    return frame.sort_values("z", ascending=False, kind="stable", ignore_index=True)


def _notes(items: PairItems, seen: _Seen, cues: pd.DataFrame) -> list[str]:
    told = []
    if items.n_split < FEW_SPLIT:
        told.append(f"Only {items.n_split} items split: too few to look for what they have in common.")
    elif cues.empty:
        told.append("No word and no rule tells disputed items from agreed ones with certainty: read the items.")
    if seen.texts is None:
        told.append("No column of these items holds texts: words cannot be compared.")
    if seen.vectors is None:
        told.append("There are neither texts nor embeddings: similar items cannot be found.")
    return told
