"""A designed sample of labels for people to check: which rows, in which order, with which probability."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from labelqa.errors import check_whole
from labelqa.inference.randomness import random_generator
from labelqa.results import Result
from labelqa.text import counted

Floats = npt.NDArray[np.float64]
Rows = npt.NDArray[np.intp]
STRATA = 8
LEAST_ROWS = 4  # of a stratum, on average
EVENLY = 2 / 3  # share of the sample that is spread evenly over all rows, whatever their quality


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class ReviewSample(Result):
    """Rows to check, drawn with known probabilities, in an order in which one may stop anywhere.

    Attributes
    ----------
    frame : pandas.DataFrame
        One row a label to check: item, given, suggested, quality, stratum, inclusion_probability, evidence, verdict
        (empty, to be filled in: wrong, right, unsure, or the right class).
    rows : int (j,)
        Places of these labels among all.
    strata : int32 (n,)
        Stratum of every label, 0 = most suspicious.
    items : pandas.Index (n,)
        Names of all labels.
    """

    frame: pd.DataFrame
    rows: Rows
    strata: npt.NDArray[np.int32]
    items: pd.Index

    def __len__(self) -> int:
        """Return the number of labels to check."""
        return len(self.frame)

    def to_frame(self) -> pd.DataFrame:
        """Return the labels to check: item, given, ..., evidence, and an empty column verdict."""
        return self.frame.copy()

    def to_dict(self) -> dict[str, object]:
        """Return a JSON-safe dictionary of the labels to check."""
        from labelqa.results import SCHEMA_VERSION, json_safe

        return {"schema_version": SCHEMA_VERSION, "type": type(self).__name__, "frame": json_safe(self.frame)}

    def summary(self) -> list[str]:
        """Return what was drawn in a few lines."""
        n_strata = self.frame["stratum"].nunique()
        return [
            f"{counted(len(self), 'label')} to check of {len(self.items):,}, "
            f"from {counted(n_strata, 'stratum', 'strata')} of quality",
            "  in random order within strata: one may stop at any row from the 20th on",
            "  fill in verdict: wrong, right, unsure, or the right class",
            "  next: .to_frame(), then estimate_label_errors(issues, verdicts, sample=...)",
        ]


def draw_sample(
    items: pd.Index, quality: Floats, table: Callable[[Rows], pd.DataFrame], *, n: int, rng: int | np.random.Generator
) -> ReviewSample:
    """Draw `n` of the labels (n,) with `quality` for review; `table` gives their item, given, ..., evidence."""
    check_whole("n", n, 1, what="is not a number of labels", usual="100")
    strata = quality_strata(quality)
    rows = drawing_order(strata, random_generator(rng))[: int(n)]
    size = np.bincount(strata)
    drawn = np.bincount(strata[rows], minlength=size.size)
    frame = table(rows)
    return ReviewSample(
        frame=pd.DataFrame(
            {
                **{name: frame[name] for name in ("item", "given", "suggested", "quality")},
                "stratum": strata[rows] + 1,
                "inclusion_probability": (drawn / size)[strata[rows]],
                "evidence": frame["evidence"],
                "verdict": pd.Series([None] * len(rows), dtype=object),
            }
        ),
        rows=rows,
        strata=strata,
        items=items,
    )


def quality_strata(quality: Floats) -> npt.NDArray[np.int32]:
    """Return the stratum of each label, int32 (n,), by rank of quality; none holds both flagged and other labels.

    A stratum holds an equal part of the sum of what a sample should give each row: two thirds evenly, one
    third by the standard deviation sqrt(q (1 - q)) that the model expects (Neyman's allocation, if strata are sampled
    alike), so that errors no model sees are found, too.

    References
    ----------
    Dalenius, T. & Hodges, J. (1959). Minimum variance stratification. JASA 54, 88-101.
    """
    n = quality.size
    if not n:
        return np.empty(0, dtype=np.int32)
    order = np.argsort(quality, kind="stable")
    spread = np.sqrt(quality * (1 - quality))[order]
    share = EVENLY / n + (1 - EVENLY) * (spread + 1e-9) / (spread + 1e-9).sum()
    n_flagged = int((quality < 0.5).sum())
    wanted = int(np.clip(n // LEAST_ROWS, 1, STRATA))
    first = _cuts(share[:n_flagged], wanted)
    later = _cuts(share[n_flagged:], wanted)
    _, codes = np.unique(np.concatenate([first, later + wanted]), return_inverse=True)
    out = np.empty(n, dtype=np.int32)
    out[order] = codes
    return out


def _cuts(share: Floats, wanted: int) -> npt.NDArray[np.intp]:
    """Return the stratum of rows in order, (n,): as many strata as their part of `wanted` is, at least one."""
    parts = max(round(wanted * float(share.sum())), 1)
    if not share.size:
        return np.empty(0, dtype=np.intp)
    before = (np.cumsum(share) - share / 2) / share.sum()
    return np.asarray(np.minimum((before * parts).astype(np.intp), parts - 1))


def drawing_order(strata: npt.NDArray[np.int32], rng: np.random.Generator) -> Rows:
    """Return all rows, (n,), so that the first ones are a random sample of every stratum, of nearly equal size."""
    shuffled = rng.permutation(strata.size)
    by_stratum = shuffled[np.argsort(strata[shuffled], kind="stable")]
    size = np.bincount(strata)
    turn = np.arange(strata.size) - np.repeat(np.cumsum(size) - size, size)  # which of its stratum a row is
    return np.asarray(by_stratum[np.lexsort((rng.random(strata.size), turn))])
