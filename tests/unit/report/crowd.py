"""A crowd in which one annotator changes, one dissents, and four read a class another way."""

from __future__ import annotations

import numpy as np
import pandas as pd

from labelqa.annotations.table import Annotations

PEOPLE = tuple("abcdefghij")
CLASSES = ("billing", "technical", "account")


def crowd_frame(n: int = 240, *, drift: bool = True, groups: bool = True, seconds: bool = True) -> pd.DataFrame:
    """Return six labels an item; `c` guesses from the middle on, and h, i, j call some billing items technical."""
    rng = np.random.default_rng(5)
    rows = []
    for i in range(n):
        truth, ambiguous = int(rng.integers(3)), rng.random() < 0.4
        for person in rng.permutation(list(PEOPLE))[:6]:
            label = truth if rng.random() > 0.08 else int(rng.integers(3))
            if groups and ambiguous and truth == 0 and person in "hij":
                label = 1
            if drift and person == "c" and i > n // 2 and rng.random() < 0.8:
                label = int(rng.integers(3))
            took = (2.0 if person == "j" else 20.0) + 3 * rng.random()
            rows.append((f"t{i:03d}", str(person), CLASSES[label], took, CLASSES[truth] if i % 2 else None))
    frame = pd.DataFrame(rows, columns=["item", "annotator", "label", "seconds", "gold"])
    return frame if seconds else frame.drop(columns="seconds")


def crowd(n: int = 240, **options: bool) -> Annotations:
    """Return :func:`crowd_frame` as annotations."""
    frame = crowd_frame(n, **options)
    named = {"duration": "seconds"} if "seconds" in frame else {}
    return Annotations.from_frame(frame, item="item", annotator="annotator", label="label", **named)
