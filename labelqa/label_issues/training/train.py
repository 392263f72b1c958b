"""Train on features: encode, choose models, out-of-fold probabilities, and keep them for the next call."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
import numpy.typing as npt

from labelqa.errors import ParameterError, Problem
from labelqa.label_issues.given import Given
from labelqa.label_issues.training.distances import find_neighbours, measured_points
from labelqa.label_issues.training.encode import Encoded, encode
from labelqa.label_issues.training.ensemble import OutOfFold, Progress, out_of_fold, standard_models
from labelqa.label_issues.training.models import LARGE, cross_validated
from labelqa.label_issues.training.task import Classifier, Codes, Fit, Floats, Task

NEAREST = 5  # neighbours shown as evidence
SURE = 3.0  # standard errors
SAME = 1e-6  # distance of rows that are copies
NO_SKILL = "the features do not predict the labels: nothing can be said of single labels by them"
VERSION = "1"  # of what is kept: a new one where the same input gives other probabilities


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Trained:
    """What models say of rows they did not see.

    Attributes
    ----------
    probabilities : float64 (n, k)
        Of the classes; shares of the classes where the models have no skill.
    says : dict of model to int32 (n,)
        Most probable class of each row.
    neighbours : int32 (n, 5)
        The nearest rows, -1 where there are fewer.
    skilled : bool
        Whether the models predict labels better than the shares of the classes do.
    n_twins : int
        Rows that look exactly like another one outside their group.
    """

    probabilities: Floats
    says: dict[str, Codes]
    neighbours: Codes
    skilled: bool = True
    n_twins: int = 0


def train(  # noqa: PLR0913  # how to train is one keyword a choice
    features: object,
    given: Given,
    groups: Codes | None,
    *,
    model: object,
    n_repeats: int,
    seed: int,
    cache: str | Path | None,
    progress: Progress | None,
) -> Trained:
    """Return what models trained on the other rows say of each row."""
    with _threads(given.n_items):
        return _trained(features, given, groups, _How(model, n_repeats, seed, cache, progress))


def _threads(n: int) -> AbstractContextManager[object]:
    """Keep linear algebra to one thread where rows are few: threads would wait for each other more than they gain."""
    import sklearn.linear_model  # noqa: F401  # only libraries that are loaded can be limited
    from threadpoolctl import threadpool_limits

    return nullcontext() if n > LARGE else threadpool_limits(limits=1, user_api="blas")


@dataclass(frozen=True, slots=True)
class _How:
    """How to train."""

    model: object
    n_repeats: int
    seed: int
    cache: str | Path | None
    progress: Progress | None


def _trained(features: object, given: Given, groups: Codes | None, how: _How) -> Trained:
    model, seed = how.model, how.seed
    task = Task(
        encoded=encode(features, seed),
        codes=given.codes,
        k=given.schema.k,
        groups=groups,
        seed=seed,
        n_repeats=how.n_repeats,
    )
    points = measured_points(task)
    near = find_neighbours(points, groups, seed)
    shown = np.where(np.isfinite(near.distance), near.index, -1)[:, :NEAREST].astype(np.int32)
    kept = None if how.cache is None else Path(how.cache) / f"{_key(task, model)}.npz"
    found = None if kept is None else _read(kept)
    if found is None:
        models = standard_models(task, points, near) if _is_auto(model) else _own_models(task, model)
        found = out_of_fold(task, models, how.progress)
        if kept is not None:
            _write(kept, found)
    if predicts(found.at_first, task):
        twins = int((near.distance[:, 0] <= SAME).sum())
        return Trained(probabilities=found.probabilities, says=found.says, neighbours=shown, n_twins=twins)
    shares = np.repeat(task.indicators.mean(axis=0, keepdims=True), task.n, axis=0)
    return Trained(probabilities=shares, says={}, neighbours=shown, skilled=False)


def predicts(own: Floats, task: Task) -> bool:
    """Tell whether given labels are more probable (n,) than their shares, clearly beyond chance."""
    gain = own - np.bincount(task.codes, minlength=task.k)[task.codes] / task.n
    if task.groups is not None:
        gain = np.asarray(np.bincount(task.groups, weights=gain), dtype=np.float64)
    return bool(gain.size > 1 and gain.mean() > SURE * gain.std(ddof=1) / np.sqrt(gain.size))


def _is_auto(model: object) -> bool:
    if isinstance(model, str) and model != "auto":
        _refuse(f"model={model!r} is not known", model)
    return isinstance(model, str)


def _own_models(task: Task, model: object) -> Mapping[str, Fit]:
    several: Sequence[Classifier] = model if isinstance(model, list | tuple) else [model]
    fit_for_it = [hasattr(m, "fit") and hasattr(m, "predict_proba") and not isinstance(m, type) for m in several]
    if not several or not all(fit_for_it):
        _refuse("model cannot fit and predict_proba", type(model).__name__)
    return {f"{i}. {type(m).__name__}": _own(task, m) for i, m in enumerate(several, 1)}


def _own(task: Task, model: Classifier) -> Fit:
    from sklearn.base import clone

    return cross_validated(task, task.encoded.linear, lambda _: clone(model))


def _refuse(what: str, value: object) -> None:
    raise ParameterError(
        Problem(
            what=what,
            parameter="model",
            value=value,
            allowed=("auto", "a scikit-learn classifier with predict_proba", "a list of them"),
        )
    )


def _key(task: Task, model: object) -> str:
    """Return a hash of everything that the probabilities depend on."""
    import sklearn

    facts = (VERSION, sklearn.__version__, _identity(model), task.k, task.seed, task.n_repeats, task.encoded.same_scale)
    out = hashlib.sha256(" ".join(map(str, facts)).encode())
    for part in (*_parts(task.encoded), task.codes, task.groups):
        out.update(b"-" if part is None else np.ascontiguousarray(part).tobytes() + str(part.shape).encode())
    return out.hexdigest()[:32]


def _identity(model: object) -> str:
    """Return what tells one model from another, all its parameters among it."""
    import joblib

    return "auto" if isinstance(model, str) else str(joblib.hash(model))


def _parts(encoded: Encoded) -> list[npt.NDArray[Any] | None]:
    linear = encoded.linear
    flat = [linear.data, linear.indices, linear.indptr] if hasattr(linear, "indptr") else [linear]
    return [*flat, encoded.metric, encoded.table]


def _read(path: Path) -> OutOfFold | None:
    if not path.is_file():
        return None
    try:
        with np.load(path, allow_pickle=False) as kept:
            shares = dict(zip(kept["models"].tolist(), kept["shares"].tolist(), strict=True))
            says = dict(zip(kept["names"].tolist(), kept["says"], strict=True))
            return OutOfFold(probabilities=kept["probabilities"], at_first=kept["at_first"], says=says, shares=shares)
    except (OSError, ValueError, KeyError, BadZipFile):
        return None  # a broken file is no file: train again and write it anew


def _write(path: Path, found: OutOfFold) -> None:
    """Write beside the name and rename, so that a file is whole or not there."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        what = f"cache={str(path.parent)!r} is no folder that can be written to"
        raise ParameterError(Problem(what=what, parameter="cache", next_step="Name another folder.")) from error
    beside = path.with_suffix(f".{os.getpid()}.part.npz")
    np.savez(
        beside,
        names=np.array(list(found.says)),
        says=np.stack(list(found.says.values())),
        models=np.array(list(found.shares)),
        shares=np.array(list(found.shares.values())),
        probabilities=found.probabilities,
        at_first=found.at_first,
    )
    beside.replace(path)
