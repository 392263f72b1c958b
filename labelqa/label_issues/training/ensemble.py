"""Two rounds of training: the second trusts a label as far as the first round did.

A model that has learned a wrong label repeats it for similar rows. Rows whose label the first round hardly believes
therefore weigh less in the second (the square of the odds of the label against its strongest rival), though no class
loses more than half of its weight. That this finds more errors is our own finding
(`python -m tests.bench.digits_flips`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from labelqa.label_issues.training.distances import Neighbours, neighbours
from labelqa.label_issues.training.kernel import kernel
from labelqa.label_issues.training.models import linear, trees
from labelqa.label_issues.training.task import Codes, Fit, Floats, Task

PASSES = 2
LEAST_WEIGHT = 0.02
NEGLIGIBLE = 0.1  # of the largest share: a model with less is not counted as a witness
CLASS_KEEPS = 0.5  # least mean weight of a class
Progress = Callable[[int, int, str], None]
"""Steps done, steps in all, what was done."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class OutOfFold:
    """What models that did not see a row say of it.

    Attributes
    ----------
    probabilities : float64 (n, k)
        Weighted mean of the models.
    at_first : float64 (n,)
        Probability of the given class in the first round, where no label had a say in its own weight: fit to tell
        whether the features predict labels at all.
    says : dict of model to int32 (n,)
        Most probable class of each row, by the models whose share is not negligible.
    shares : dict of model to float
        Weights of all models, summing to one.
    """

    probabilities: Floats
    at_first: Floats
    says: dict[str, Codes]
    shares: dict[str, float]


def standard_models(task: Task, points: Floats, near: Neighbours) -> dict[str, Fit]:
    """Return the models that suit the features, by name; `points` (n, e) and `near` are where rows lie."""
    made = {
        "logistic regression": linear(task),
        "nearest neighbours": neighbours(task, near),
        "kernel machine": kernel(task, points),
        "trees": trees(task),
    }
    return {name: fit for name, fit in made.items() if fit is not None}


def out_of_fold(task: Task, models: Mapping[str, Fit], progress: Progress | None = None) -> OutOfFold:
    """Train the models twice and average them."""
    weights = np.ones(task.n)
    done, steps = 0, PASSES * len(models)
    at_first = np.zeros(0)
    mean = np.zeros((task.n, task.k))
    found: dict[str, Floats] = {}
    shares: dict[str, float] = {}
    for turn in range(PASSES):
        found = {}
        for name, fit in models.items():
            found[name] = fit(weights, final=turn == PASSES - 1)
            done += 1
            if progress is not None:
                progress(done, steps, name)
        shares = _shares(found, task)
        mean = sum((shares[name] * values for name, values in found.items()), np.zeros((task.n, task.k)))
        weights = trust(mean, task.codes)
        at_first = at_first if turn else _given_by_all(found, task)
    heard = {name: values for name, values in found.items() if shares[name] >= NEGLIGIBLE * max(shares.values())}
    says = {name: values.argmax(axis=1).astype(np.int32) for name, values in heard.items()}
    return OutOfFold(probabilities=mean, at_first=at_first, says=says, shares=shares)


def _given_by_all(found: Mapping[str, Floats], task: Task) -> Floats:
    """Return the probability of each given class, (n,), all models alike: their shares were chosen by these labels."""
    rows = np.arange(task.n)
    return np.asarray(np.mean([values[rows, task.codes] for values in found.values()], axis=0))


def trust(probabilities: Floats, codes: Codes) -> Floats:
    """Return the weight of each row, (n,): near 0 where another class is far more probable than the given one."""
    rows = np.arange(codes.size)
    own = probabilities[rows, codes]
    rest = probabilities.copy()
    rest[rows, codes] = 0.0
    rival = rest.max(axis=1, initial=0.0)
    weights = np.maximum(own**2 / np.maximum(own**2 + rival**2, 1e-300), LEAST_WEIGHT)
    size = np.bincount(codes)
    lost = 1 - np.bincount(codes, weights=weights) / np.maximum(size, 1)
    keep = np.minimum(1.0, (1 - CLASS_KEEPS) / np.maximum(lost, 1e-12))
    return np.asarray(1 - keep[codes] * (1 - weights))


def _shares(found: Mapping[str, Floats], task: Task) -> dict[str, float]:
    """Return weights of models: the square of how far each beats always naming the largest class, against the best."""
    chance = float(np.bincount(task.codes, minlength=task.k).max() / max(task.n, 1))
    gains = {name: max(float((p.argmax(axis=1) == task.codes).mean()) - chance, 0.0) for name, p in found.items()}
    best = max(gains.values())
    raw = {name: (gain / best) ** 2 if best > 0 else 1.0 for name, gain in gains.items()}
    total = sum(raw.values())
    return {name: value / total for name, value in raw.items()}
