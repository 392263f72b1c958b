"""Train on features: encode, choose models, out-of-fold probabilities, and keep them for the next call."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from labelqa.errors import ParameterError, Problem
from labelqa.label_issues.given import Given
from labelqa.label_issues.training.distances import find_neighbours, measured_points
from labelqa.label_issues.training.encode import Encoded, encode
from labelqa.label_issues.training.ensemble import OutOfFold, Progress, out_of_fold, standard_models
from labelqa.label_issues.training.models import cross_validated
from labelqa.label_issues.training.task import Classifier, Codes, Fit, Floats, Task

NEAREST = 5  # neighbours shown as evidence
VERSION = "1"  # of what is kept: a new one where the same input gives other probabilities


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Trained:
    """Out-of-fold probabilities (n, k), the class each model says, and the five nearest rows (n, 5), -1 for none."""

    probabilities: Floats
    says: list[Codes]
    neighbours: Codes


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
    task = Task(
        encoded=encode(features, seed),
        codes=given.codes,
        k=given.schema.k,
        groups=groups,
        seed=seed,
        n_repeats=n_repeats,
    )
    points = measured_points(task)
    near = find_neighbours(points, groups, seed)
    shown = np.where(np.isfinite(near.distance), near.index, -1)[:, :NEAREST].astype(np.int32)
    kept = None if cache is None else Path(cache) / f"{_key(task, model)}.npz"
    found = None if kept is None else _read(kept)
    if found is None:
        models = standard_models(task, points, near) if _is_auto(model) else _own_models(task, model)
        found = out_of_fold(task, models, progress)
        if kept is not None:
            _write(kept, found)
    return Trained(probabilities=found.probabilities, says=list(found.says.values()), neighbours=shown)


def _is_auto(model: object) -> bool:
    if isinstance(model, str) and model != "auto":
        _refuse(f"model={model!r} is not known", model)
    return isinstance(model, str)


def _own_models(task: Task, model: object) -> Mapping[str, Fit]:
    several: Sequence[Classifier] = model if isinstance(model, list | tuple) else [model]
    if not several or not all(hasattr(m, "fit") and hasattr(m, "predict_proba") for m in several):
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

    words = f"{VERSION} {sklearn.__version__} {model!r} {task.k} {task.seed} {task.n_repeats} {task.encoded.same_scale}"
    out = hashlib.sha256(words.encode())
    for part in (*_parts(task.encoded), task.codes, task.groups):
        out.update(b"-" if part is None else np.ascontiguousarray(part).tobytes() + str(part.shape).encode())
    return out.hexdigest()[:32]


def _parts(encoded: Encoded) -> list[npt.NDArray[Any] | None]:
    linear = encoded.linear
    flat = [linear.data, linear.indices, linear.indptr] if hasattr(linear, "indptr") else [linear]
    return [*flat, encoded.metric, encoded.table]


def _read(path: Path) -> OutOfFold | None:
    if not path.is_file():
        return None
    with np.load(path, allow_pickle=False) as kept:
        shares = dict(zip(kept["models"].tolist(), kept["shares"].tolist(), strict=True))
        says = dict(zip(kept["names"].tolist(), kept["says"], strict=True))
        return OutOfFold(probabilities=kept["probabilities"], says=says, shares=shares)


def _write(path: Path, found: OutOfFold) -> None:
    """Write beside the name and rename, so that a file is whole or not there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_suffix(".part.npz")
    np.savez(
        beside,
        names=np.array(list(found.says)),
        says=np.stack(list(found.says.values())),
        models=np.array(list(found.shares)),
        shares=np.array(list(found.shares.values())),
        probabilities=found.probabilities,
    )
    beside.replace(path)
