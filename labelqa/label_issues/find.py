"""The entry point: which labels are probably wrong."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from labelqa.aggregation.classifier_input import class_probabilities
from labelqa.aggregation.consensus import consensus
from labelqa.annotations.schema import LabelSchema
from labelqa.annotations.table import Annotations
from labelqa.errors import ParameterError, Problem, check_kind, check_whole, shorten
from labelqa.inference.randomness import random_generator
from labelqa.label_issues.given import Classes, Given, given_labels, rows_of, width_of
from labelqa.label_issues.multilabel import (
    MultiLabels,
    is_multi_label,
    judge_each_class,
    multi_labels,
    presence_probabilities,
)
from labelqa.label_issues.result import LabelIssues
from labelqa.label_issues.scoring import Scored, score
from labelqa.label_issues.training.encode import encode
from labelqa.label_issues.training.ensemble import Progress
from labelqa.label_issues.training.train import NO_SKILL, Trained, train
from labelqa.label_issues.votes import Joined, judged_by_annotators, votes_on
from labelqa.label_issues.words import Evidence
from labelqa.text import counted

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int32]


FAR_BELOW = 0.05  # by which probabilities of given labels must lie under chance to look exchanged
MANY_TWINS = 0.02  # share of rows


def find_label_issues(  # noqa: PLR0913  # one keyword a kind of evidence, and how to train
    labels: object,
    *,
    pred_probs: object = None,
    features: object = None,
    annotations: Annotations | None = None,
    model: object = "auto",
    groups: object = None,
    n_repeats: int = 3,
    classes: Classes = None,
    cache: str | Path | None = None,
    progress: Progress | None = None,
    rng: int | np.random.Generator = 0,
) -> LabelIssues:
    """Labels that are probably wrong, by models that did not see them, by annotators, or by both.

    Parameters
    ----------
    labels : array, sequence or Series (n,), or Annotations
        One label a row (str, int or bool), or the labels of several annotators, whose consensus is then judged.
        Several labels a row (n sets or lists of classes, or a table (n, k) of 0 and 1) are judged class by class: the
        result has one row an item and class, and `pred_probs` (n, k) say how probably a row has each class.
    pred_probs : array (n, k), DataFrame, or a list of them, optional
        Out-of-sample class probabilities of one or several classifiers, columns in the order of the classes (sorted, or
        `classes`; the columns of a DataFrame are matched by name).
    features : array (n, d), DataFrame, or sequence of str, optional
        What the rows look like. The library then trains: text by TF-IDF, categories as indicators, numbers scaled,
        arrays as embeddings; linear, neighbour, kernel and tree models, each blind to the row it judges.
    annotations : Annotations, optional
        Labels of several annotators on the same items, as further evidence on `labels`.
    model : "auto", scikit-learn classifier, or a list of them
        What is trained on `features`.
    groups : array or Series (n,), optional
        Rows that belong together (of one document, one patient): none takes part in the prediction of another.
    n_repeats : int
        How often rows are dealt into five folds anew (once above 5,000 rows, where that is steady enough).
    classes : sequence or LabelSchema, optional
        All classes in their order. With a schema of level ordinal or above an error counts the more the farther off.
    cache : str or Path, optional
        Folder that keeps out-of-fold probabilities by a hash of all that they depend on; a second call then need not
        train.
    progress : callable, optional
        Called with steps done, steps in all, and what was done.
    rng : int or numpy.random.Generator
        Seed of the folds, the models and what is drawn.

    Returns
    -------
    LabelIssues
        Quality (n,) in [0, 1], ranking, suggestion and evidence of each label, and how many are wrong.

    Raises
    ------
    ParameterError
        If there is no evidence, or what was passed does not fit the labels.
    LabelError
        If a label is not among `classes`.

    References
    ----------
    Northcutt, C., Jiang, L. & Chuang, I. (2021). Confident learning. JAIR 70, 1373-1411. Brodley, C. & Friedl, M.
    (1999). Identifying mislabeled training data. JAIR 11, 131-167. The second round of training and the calibration are
    our own: ``python -m tests.bench.digits_flips``, ``python -m tests.bench.label_errors FOLDER``.

    Examples
    --------
    >>> probabilities = [[0.9, 0.1], [0.8, 0.2], [0.2, 0.8], [0.95, 0.05], [0.1, 0.9], [0.3, 0.7]]
    >>> issues = find_label_issues(["cat", "cat", "dog", "dog", "dog", "dog"], pred_probs=probabilities)
    >>> issues.worst(1)[["item", "given", "suggested"]].to_dict("records")
    [{'item': 3, 'given': 'dog', 'suggested': 'cat'}]
    """
    check_whole("n_repeats", n_repeats, 1, what="is not a number of repetitions", usual="3")
    generator = random_generator(rng)
    seed = int(rng) if isinstance(rng, int | np.integer) else int(generator.integers(2**31))
    probabilities = _listed(pred_probs)
    asked = _Asked(probabilities, features, model, groups, n_repeats, cache, progress, seed)
    if isinstance(labels, Annotations):
        if annotations is not None:
            _refuse("labels and annotations are both Annotations", "annotations", "Pass them once, as labels.")
        return _judge_consensus(labels, asked)
    if annotations is not None:
        check_kind("annotations", annotations, Annotations, allowed="Annotations", next_step="Read them first.")
    if annotations is None and not probabilities and features is None:
        _refuse("there is nothing to judge the labels by", "pred_probs", "Pass pred_probs, features or annotations.")
    if is_multi_label(labels):
        if annotations is not None:
            _refuse("annotations cannot speak of several labels a row", "annotations", "Judge one class at a time.")
        return _judge_classes(multi_labels(labels, classes), asked)
    given = given_labels(labels, classes, width_of(next(iter(probabilities), None)))
    heard = asked.models_on(given)
    if annotations is None:
        return _by_models(given, heard, asked.rng)
    return _by_both(given, heard, annotations, asked.rng)


@dataclass(frozen=True, slots=True, eq=False)
class _Asked:
    """What was passed besides the labels."""

    probabilities: list[object]
    features: object
    model: object
    groups: object
    n_repeats: int
    cache: str | Path | None
    progress: Progress | None
    rng: int

    def models_on(self, given: Given) -> _Heard | None:
        """Return what models say of the labels; None without models."""
        passed = [class_probabilities(given, p) for p in self.probabilities]
        trained = None if self.features is None else self._trained(given)
        if not passed and trained is None:
            return None
        notes = tuple(dict.fromkeys(note for _, more in passed for note in more))
        notes += (NO_SKILL,) if trained and not trained.skilled else ()
        skilled = trained if trained and trained.skilled else None
        notes += _order_notes(given, [p for p, _ in passed]) + (_twin_notes(given, skilled) if skilled else ())
        said = [p for p, _ in passed] + ([skilled.probabilities] if skilled else [])
        says = {f"given model {i}": p.argmax(axis=1).astype(np.int32) for i, (p, _) in enumerate(passed, 1)}
        says |= skilled.says if skilled else {}
        return _Heard(
            probabilities=_mean(said) if said else np.full((given.n_items, given.schema.k), 1 / given.schema.k),
            says=says,
            words=" and ".join(_source(len(passed), skilled)) or "models without skill",
            notes=notes,
            neighbours=None if trained is None else trained.neighbours,
        )

    def _trained(self, given: Given) -> Trained:
        features = rows_of("features", self.features, given)
        groups = None if self.groups is None else _group_codes(rows_of("groups", self.groups, given))
        how = {"n_repeats": int(self.n_repeats), "seed": self.rng}
        return train(features, given, groups, model=self.model, cache=self.cache, progress=self.progress, **how)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Heard:
    """What models say: mean probabilities (n, k), and by name the most probable class (n,)."""

    probabilities: Floats
    says: dict[str, Codes]
    words: str
    notes: tuple[str, ...]
    neighbours: Codes | None

    @property
    def several(self) -> bool:
        return len(self.says) > 1

    @property
    def silent(self) -> bool:
        """Whether no model has anything to say."""
        return not self.says

    def scored(self, given: Given, seed: int) -> Scored:
        distance = _distance(given.schema)
        return score(self.probabilities, given.codes, sharpen=self.several, distance=distance, seed=seed)


def _by_models(given: Given, heard: _Heard | None, seed: int) -> LabelIssues:
    if heard is None:
        raise ValueError("no model")  # the caller has checked that there is evidence
    if heard.silent:
        return _result(given, Joined.nothing(heard.probabilities), (heard, None), given.codes)
    scored = heard.scored(given, seed)
    joined = Joined(probabilities=heard.probabilities, quality=scored.quality, range=scored.range)
    return _result(given, joined, (heard, None), heard.probabilities.argmax(axis=1).astype(np.int32))


def _by_both(given: Given, heard: _Heard | None, annotations: Annotations, seed: int) -> LabelIssues:
    models = None if heard is None or heard.silent else (heard.probabilities, heard.scored(given, seed).quality)
    joined = judged_by_annotators(given, annotations, models, seed)
    suggested = joined.probabilities.argmax(axis=1).astype(np.int32)
    return _result(given, joined, (heard, votes_on(given, annotations)), suggested)


def _judge_classes(labels: MultiLabels, asked: _Asked) -> LabelIssues:
    """Judge the presence of each class by itself; features are encoded once."""
    once = asked
    if asked.features is not None:
        once = replace(asked, features=encode(rows_of("features", asked.features, labels.of(0)), asked.rng))

    def judge(given: Given, j: int) -> LabelIssues:
        own: list[object] = [presence_probabilities(labels, p, j) for p in asked.probabilities]
        return _by_models(given, replace(once, probabilities=own).models_on(given), asked.rng)

    return judge_each_class(labels, judge)


def _judge_consensus(annotations: Annotations, asked: _Asked) -> LabelIssues:
    """Judge the consensus of the annotators, by themselves or with models."""
    found = consensus(annotations, rng=asked.rng)
    labeled = found.codes >= 0
    if not labeled.all():
        kept = annotations.take(np.flatnonzero(labeled))
        issues = _judge_consensus(kept, asked)
        lost = int((~labeled).sum())
        return replace(issues, notes=(*issues.notes, f"{lost:,} items without any label were left out"))
    given = Given(items=annotations.items, codes=found.codes, schema=annotations.schema)
    return _by_both(given, asked.models_on(given), annotations, asked.rng)


def _result(
    given: Given, joined: Joined, heard: tuple[_Heard | None, npt.NDArray[np.int64] | None], suggested: Codes
) -> LabelIssues:
    models, votes = heard
    said = [] if models is None else [*models.says.values()]
    says = np.stack(said, axis=1) if said else np.empty((given.n_items, 0), dtype=np.int32)
    sources = ([models.words] if models else []) + (["the annotators"] if votes is not None else [])
    evidence = Evidence(
        names=given.schema.names,
        given=given.codes,
        suggested=suggested,
        models=says,
        votes=votes,
        neighbours=None if models is None else models.neighbours,
    )
    return LabelIssues(
        items=given.items,
        schema=given.schema,
        given=given.codes,
        suggested=suggested,
        quality=joined.quality,
        probabilities=joined.probabilities,
        expected_errors=joined.range.estimate,
        expected_errors_low=joined.range.low,
        expected_errors_high=joined.range.high,
        undefined_because=NO_SKILL if np.isnan(joined.range.estimate) else None,
        source=" and ".join(sources),
        models=() if models is None else tuple(models.says),
        notes=(*(models.notes if models else ()), *joined.notes),
        _evidence=evidence,
    )


def _listed(pred_probs: object) -> list[object]:
    if pred_probs is None:
        return []
    several = isinstance(pred_probs, list | tuple) and len(pred_probs) > 0 and np.ndim(pred_probs[0]) == 2
    return list(pred_probs) if several and isinstance(pred_probs, list | tuple) else [pred_probs]


def _group_codes(groups: object) -> Codes:
    codes, _ = pd.factorize(pd.Series(groups).astype(object))
    if (codes < 0).any():
        _refuse("groups is missing for some rows", "groups", "Give every row a group, if need be one of its own.")
    return codes.astype(np.int32)


def _distance(schema: LabelSchema) -> Floats | None:
    """Return distances (k, k) in [0, 1] between ordered classes; None for names."""
    if schema.level == "nominal" or schema.k < 3:
        return None
    values = np.arange(schema.k, dtype=np.float64) if schema.level == "ordinal" else schema.values
    apart = np.abs(values[:, None] - values)
    return np.asarray(apart / max(float(apart.max()), 1e-12))


def _order_notes(given: Given, passed: list[Floats]) -> tuple[str, ...]:
    """Tell where given probabilities speak against the labels more than chance would: columns may be exchanged."""
    shares = np.bincount(given.codes, minlength=given.schema.k) / given.n_items
    rows = np.arange(given.n_items)
    if not any(p[rows, given.codes].mean() < float((p @ shares).mean()) - FAR_BELOW for p in passed):
        return ()
    return (f"the probabilities fit the labels worse than chance: are their columns {shorten(given.schema.names)}?",)


def _twin_notes(given: Given, trained: Trained) -> tuple[str, ...]:
    if trained.n_twins <= MANY_TWINS * given.n_items:
        return ()
    many = counted(trained.n_twins, "row")
    return (
        f"{many} of {given.n_items:,} look exactly like another: copies vouch for each other unless groups= joins them",
    )


def _mean(said: list[Floats]) -> Floats:
    return said[0] if len(said) == 1 else np.asarray(np.mean(said, axis=0))


def _source(n_passed: int, trained: Trained | None) -> list[str]:
    passed = [] if not n_passed else ["the given probabilities" if n_passed == 1 else f"{n_passed} given models"]
    return passed + ([] if trained is None else [counted(len(trained.says), "trained model")])


def _refuse(what: str, parameter: str, next_step: str) -> None:
    raise ParameterError(Problem(what=what, parameter=parameter, next_step=next_step))
