"""Small random label tables for tests, seeded and with gaps."""

import numpy as np
import pandas as pd

from labelqa.annotations.table import Annotations


def ratings(n=30, m=4, k=3, *, missing=0.25, noise=0.4, seed=0, values=None):
    """A wide table of object labels with None for gaps."""
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, k, n)
    labels = np.where(rng.random((n, m)) < noise, rng.integers(0, k, (n, m)), truth[:, None])
    names = np.array([f"c{i}" for i in range(k)] if values is None else values, dtype=object)
    wide = pd.DataFrame(names[labels], columns=[f"r{g}" for g in range(m)])
    return wide.mask(rng.random((n, m)) < missing, None)


def table(*args, classes=None, **kwargs):
    return Annotations.from_wide(ratings(*args, **kwargs), classes=classes)
