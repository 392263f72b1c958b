"""labelqa slices --diagnose: the slices with their remedies, as one result."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pandas as pd

from labelqa.diagnosis.slice_decisions import NO_LABELS, NO_MODEL
from labelqa.diagnosis.slice_diagnosis import SliceDiagnosis
from labelqa.diagnosis.slice_remedies import OTHER_ERROR, diagnose_slices
from labelqa.results import Result, as_percent
from labelqa.slices.result import SliceTable

if TYPE_CHECKING:
    from labelqa.annotations.table import Annotations
    from labelqa.io.judged import JudgedRows
    from labelqa.report.single import Shown

TREES = 100
STEPS = 1000
FOLDS = 5
MODELS = {"linear": "A linear model", "trees": "Randomised trees"}
TOO_LITTLE = "Only labels and predictions are known: they tell where errors are, but not why."
OPTIONS = {NO_LABELS: "--annotations FILE", NO_MODEL: "--model linear or trees"}
NO_STAND_IN = "it cannot stand in for your model"
IN_PYTHON = "diagnose_slices(..., model=, features=) in Python"  # where our models cannot stand in


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class DiagnosedSlices(Result):
    """Slices, and what to do about each.

    Attributes
    ----------
    slices : SliceTable
        What was found.
    diagnosis : SliceDiagnosis
        Why, and the remedies.
    """

    slices: SliceTable
    diagnosis: SliceDiagnosis
    _basis: tuple[str, ...]

    def to_frame(self) -> pd.DataFrame:
        """Return one row a slice, with its remedy, what pays most first."""
        return self.diagnosis.ranked()

    def summary(self) -> list[str]:
        """Return the remedies."""
        return self.diagnosis.summary()

    def shown(self, page: Shown) -> Shown:
        """Return the page of the slices with what to do about them."""
        from labelqa.report.answers.slice_remedies import remedies_section

        tried = any(NO_STAND_IN in text for text in self._basis)
        options = {**OPTIONS, NO_MODEL: IN_PYTHON} if tried else OPTIONS
        section = remedies_section(self.diagnosis, basis=self._basis, options=options)
        return page if section is None else replace(page, more=(section, *page.more))


def diagnosed(
    found: SliceTable, rows: JudgedRows, people: Annotations | None, model: str | None, seed: int
) -> DiagnosedSlices:
    """Say why each slice has more errors, with what there is."""
    item = rows.columns.item
    names = rows.frame[item].astype(str) if item else pd.RangeIndex(len(rows.frame))
    labels = pd.Series(rows.frame[str(rows.columns.label)].tolist(), index=pd.Index(names))
    estimator, matrix, told = (None, None, []) if model is None or not len(found) else _model(model, rows, labels, seed)
    diagnosis = diagnose_slices(
        found,
        labels,
        rows.frame[str(rows.columns.prediction)].tolist(),
        annotations=people,
        features=matrix,
        model=estimator,
        groups=None if rows.groups is None else rows.groups.to_numpy(),
        rng=seed,
    )
    return DiagnosedSlices(slices=found, diagnosis=diagnosis, _basis=tuple(_basis(rows, people, told)))


def _basis(rows: JudgedRows, people: Annotations | None, of_model: list[str]) -> list[str]:
    """Return what was known, in sentences."""
    told = list(of_model)
    if people is not None:
        n = int(people.items.isin(rows.frame[str(rows.columns.item)].astype(str)).sum())
        told.append(f"{people.n_annotators:,} people labeled {n:,} of these rows.")
    return told or [TOO_LITTLE]


def _model(name: str, rows: JudgedRows, labels: pd.Series, seed: int) -> tuple[Any, Any, list[str]]:
    """Return a classifier, its features and what to say of it; no classifier where it cannot stand in for the user's.

    A model that is much worse than the predictions would say of more data what holds for it alone.
    """
    from sklearn.ensemble import ExtraTreesClassifier
    from sklearn.linear_model import LogisticRegression

    from labelqa.errors import ParameterError, Problem
    from labelqa.io.labeled import typed
    from labelqa.label_issues.training.encode import encode

    encoded = encode(rows.features.apply(typed), seed)
    made, matrix = LogisticRegression(max_iter=STEPS, random_state=seed), encoded.linear
    if name == "trees":
        made, matrix = ExtraTreesClassifier(TREES, random_state=seed), encoded.table
    if matrix is None:
        what = "trees need columns of numbers or categories, and there are only texts"
        raise ParameterError(Problem(what=what, parameter="--model", next_step="Take --model linear."))
    error, theirs = _error(made, matrix, labels, rows.groups, seed), float(rows.error.mean())
    rates = f"{MODELS[name]} on {', '.join(map(repr, rows.features.columns))} errs in {as_percent(error)} of rows"
    if error > theirs + OTHER_ERROR:
        return None, None, [f"{rates}, your predictions in {as_percent(theirs)}: {NO_STAND_IN}."]
    return made, matrix, [f"{rates} and stands in for your model (your predictions: {as_percent(theirs)})."]


def _error(
    model: Any,  # noqa: ANN401  # scikit-learn has no types
    matrix: Any,  # noqa: ANN401
    labels: pd.Series,
    groups: pd.Series | None,
    seed: int,
) -> float:
    """Return the share of rows that the model gets wrong where it saw neither them nor others of their group."""
    import warnings

    from sklearn.model_selection import GroupKFold, KFold, cross_val_predict

    from labelqa.slices.given import codes_of_groups

    cv, together = KFold(FOLDS, shuffle=True, random_state=seed), None
    if groups is not None:
        together = codes_of_groups(groups)
        cv = GroupKFold(min(FOLDS, int(together.max()) + 1))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of convergence and rare classes: only the error counts
        codes = pd.factorize(labels)[0]
        guessed = cross_val_predict(model, matrix, codes, groups=together, cv=cv)
    return float((guessed != codes).mean())
