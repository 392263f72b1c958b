"""Data whose slice is worse than the rest for planted causes; shared by the tests and the bench of remedies.

Items have ten inputs and a channel of five levels; the slice is one channel. Outside it the class is the side of a
plane. Annotators, and whoever stored the label, each slip on 4 % of items. In the slice, by cause:

- definition: items nearest to the border may be either class; everybody, the stored label too, draws their own answer;
- noise: stored labels are wrong more often; annotators are not;
- data: the class depends on 80 inputs that only chat has, of which there are too few rows (the model could learn it);
- rest: the class depends on something that is not among the inputs;
- few: a slice of a few rows with some of each (definition, noise).

The model is logistic regression (even seeds), or a tree (odd seeds) where the cause is not
data. Annotated: a random 80 % of all items by two or three people.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold
from sklearn.tree import DecisionTreeClassifier

from labelqa.annotations.table import Annotations
from labelqa.diagnosis.slice_remedies import diagnose_slices

SLIP = 0.04
OWN_INPUTS = 80  # of the slice, where there is too little data
AUDITED = 0.8  # share of items that annotators labeled
OF_CAUSE = {
    "definition": "clarify",
    "noise": "relabel",
    "data": "collect",
    "rest": "improve_model",
    "few": "audit_more",
}
#: name -> strength of each cause (about the points of error it adds), rows of the slice, right remedy
PURE = {
    "definition": ({"definition": 0.25}, 600),
    "noise": ({"noise": 0.2}, 600),
    "data": ({"data": 1.0}, 300),
    "rest": ({"rest": 0.2}, 600),
    "few": ({"definition": 0.15, "noise": 0.15}, 30),
}
MIXED = {
    "definition 70, noise 30": ({"definition": 0.21, "noise": 0.09}, 600),
    "noise 70, rest 30": ({"noise": 0.21, "rest": 0.09}, 600),
    "rest 70, definition 30": ({"rest": 0.21, "definition": 0.09}, 600),
}
CASES = PURE | MIXED
RIGHT = {name: OF_CAUSE[name.split()[0]] for name in CASES}


@dataclass(frozen=True)
class Planted:
    """One data set."""

    mask: np.ndarray
    features: np.ndarray
    stored: pd.Series
    predicted: np.ndarray
    annotations: Annotations
    model: object

    def diagnose(self, **options):
        """Return the diagnosis with everything that is known."""
        known = {"annotations": self.annotations, "features": self.features, "model": self.model} | options
        return diagnose_slices({"channel = chat": self.mask}, self.stored, self.predicted, **known)


def planted(case: str, seed: int, n: int = 2000) -> Planted:
    """Draw a data set of a case."""
    rng = np.random.default_rng([seed, sorted(CASES).index(case)])
    strength, size = CASES[case]
    mask = np.zeros(n, dtype=bool)
    mask[rng.choice(n, size, replace=False)] = True
    x = rng.normal(size=(n, 10))
    own = rng.normal(size=(n, OWN_INPUTS)) * mask[:, None] if "data" in strength else np.empty((n, 0))
    true, either = truth(rng, x, own, mask, strength)
    m = 2 + seed % 2

    def answers(slip):
        drawn = np.where(either, rng.integers(0, 2, n), true)
        return np.where(rng.random(n) < slip, 1 - drawn, drawn)

    stored = answers(np.where(mask, SLIP + strength.get("noise", 0.0) / (1 - 2 * SLIP), SLIP))
    audited = np.flatnonzero(rng.random(n) < AUDITED)
    said = {f"person {j}": pd.Series(answers(SLIP)).astype(str).loc[audited] for j in range(m)}
    wide = pd.DataFrame(said).rename_axis("item").reset_index()
    features, model = inputs(np.hstack([x, own]), mask, seed)
    labels = pd.Series(stored.astype(str))
    return Planted(
        mask=mask,
        features=features,
        stored=labels,
        predicted=cross_predicted(features, labels.to_numpy(), model, seed),
        annotations=Annotations.from_wide(wide, item="item"),
        model=model,
    )


def truth(rng, x, own, mask, strength):
    """Return the true class (n,) and the rows that may be either (n,)."""
    score = x[:, :4] @ np.array([1.5, 1.0, -1.0, 0.5])
    if "data" in strength:
        score = np.where(mask, own @ rng.normal(size=OWN_INPUTS), score)
    true = (score > 0).astype(int)
    if "rest" in strength:  # a share of the slice's rows follows something that nobody measured
        hidden = mask & (rng.random(len(mask)) < 2 * strength["rest"])
        true = np.where(hidden, rng.integers(0, 2, len(mask)), true)
    near = np.abs(score) + rng.normal(scale=0.3, size=len(mask))
    share = 2 * strength.get("definition", 0.0)
    limit = np.quantile(near[mask], share) if share else -np.inf
    return true, mask & (near < limit)


def inputs(x, mask, seed):
    """Return the features as the model gets them, and the model."""
    columns = np.column_stack([x, mask])
    if seed % 2 and x.shape[1] == 10:
        return columns, DecisionTreeClassifier(max_depth=8, min_samples_leaf=15, random_state=0)
    return columns, LogisticRegression(max_iter=500)


def cross_predicted(features, labels, model, seed):
    """Return out-of-fold predictions (n,)."""
    out = np.empty(len(labels), dtype=object)
    for train, test in StratifiedKFold(5, shuffle=True, random_state=seed).split(features, labels):
        out[test] = model.fit(features[train], labels[train]).predict(features[test])
    return out
