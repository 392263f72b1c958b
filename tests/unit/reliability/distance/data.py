"""Small random answers of every kind, seeded."""

import numpy as np

from labelqa.annotations.structured import StructuredAnnotations

PEOPLE = ("ann", "ben", "cem")


def answers(draw, kind, n=20, missing=0.2, seed=0, people=PEOPLE):
    """Answers `draw(rng)` of every annotator to every item, some missing."""
    rng = np.random.default_rng(seed)
    rows = [(i, a, draw(rng) if rng.random() >= missing else None) for i in range(n) for a in people]
    return StructuredAnnotations.from_records(rows, kind=kind)


def label_set(rng):
    return {str(x) for x in rng.choice(list("abcd"), size=rng.integers(0, 3), replace=False)}


def spans(rng):
    starts = rng.choice(np.arange(0, 30, 3), size=rng.integers(0, 4), replace=False)
    return [(int(s), int(s + rng.integers(1, 6)), str(rng.choice(["PER", "LOC"]))) for s in starts]


def boxes(rng):
    corners = rng.integers(0, 6, size=(rng.integers(0, 4), 2))
    return [(x, y, x + int(rng.integers(3, 7)), y + 4, str(rng.choice(["cat", "dog"]))) for x, y in corners.tolist()]


def ranking(rng):
    return {o: int(rng.integers(1, 4)) for o in rng.choice(list("uvwxy"), size=4, replace=False).tolist()}
