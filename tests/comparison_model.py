"""Two rounds of labels whose truth is known: items with a true class, annotators who give it or guess."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from labelqa.annotations.schema import LabelSchema
from labelqa.annotations.table import Annotations

BALANCED, UNEQUAL, RARE = (1 / 3, 1 / 3, 1 / 3), (0.6, 0.3, 0.1), (0.9, 0.05, 0.05)


@dataclass(frozen=True)
class Setting:
    """One row of the tables."""

    n: int
    design: str = "paired"
    shares: tuple[float, ...] = BALANCED
    m: int = 3
    accuracy: tuple[float, float] = (0.7, 0.7)
    coefficient: str = "krippendorff_alpha"

    def __str__(self) -> str:
        shares = "/".join(f"{100 * s:.0f}" for s in self.shares)
        return f"{self.design:<12}{self.n:>5}  {shares:<10}{self.coefficient:<20}"


def annotations(labels: np.ndarray, first: int, k: int) -> Annotations:
    """Return labels (n, m) of items first, first + 1, ..."""
    n, m = labels.shape
    return Annotations(
        item=np.repeat(np.arange(n, dtype=np.int32), m),
        annotator=np.tile(np.arange(m, dtype=np.int32), n),
        label=labels.ravel().astype(np.int32),
        items=pd.Index(range(first, first + n)),
        annotators=pd.Index([f"r{g}" for g in range(m)]),
        schema=LabelSchema(classes=tuple(range(k))),
        item_data=pd.DataFrame(index=range(n)),
    )


def labels(rng: np.random.Generator, truth: np.ndarray, setting: Setting, accuracy: float) -> np.ndarray:
    shape = (truth.size, setting.m)
    guesses = rng.choice(len(setting.shares), size=shape, p=setting.shares)
    return np.where(rng.random(shape) < accuracy, truth[:, None], guesses)


def drawn(rng: np.random.Generator, setting: Setting) -> tuple[Annotations, Annotations]:
    """Return two rounds."""
    half = setting.n // 2 if setting.design == "mixed" else 0
    start = {"paired": 0, "independent": setting.n, "mixed": half}[setting.design]
    n, k = setting.n + half, len(setting.shares)
    truth = rng.choice(k, size=start + n, p=setting.shares)
    first = labels(rng, truth[:n], setting, setting.accuracy[0])
    second = labels(rng, truth[start:], setting, setting.accuracy[1])
    return annotations(first, 0, k), annotations(second, start, k)


def relabeled(
    rng: np.random.Generator, setting: Setting, *, disputed: float, agreed: float
) -> tuple[Annotations, Annotations, dict[int, float]]:
    """Return a round, a second one on items chosen with these probabilities, and the probability of each item."""
    truth = rng.choice(len(setting.shares), size=setting.n, p=setting.shares)
    first, second = (labels(rng, truth, setting, a) for a in setting.accuracy)
    chance = np.where((first == first[:, :1]).all(axis=1), agreed, disputed)
    chosen = np.flatnonzero(rng.random(setting.n) < chance)
    k = len(setting.shares)
    after = annotations(second[chosen], 0, k)
    return annotations(first, 0, k), replace(after, items=pd.Index(chosen)), dict(enumerate(chance.tolist()))
