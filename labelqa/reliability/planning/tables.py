"""The population behind Cohen's kappa of two annotators: the table of who gives which class.

References
----------
Cantor, A. B. (1996). Sample-size calculations for Cohen's kappa. Psychol. Methods 1, 150-153 (two classes, where class
shares and kappa fix the table). Flack, V. F., Afifi, A. A., Lachenbruch, P. A. & Schouten, H. J. A. (1988). Sample size
determinations for the two rater kappa statistic. Psychometrika 53, 321-325 (more classes: the table with the largest
standard error). Fleiss, J. L., Cohen, J. & Everitt, B. S. (1969). Psychol. Bull. 72, 323-327 (the standard error).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from labelqa.annotations.table import Annotations
from labelqa.errors import ParameterError, Problem
from labelqa.reliability.planning.rates import AssumedRates, numbered_classes
from labelqa.reliability.weights import WeightsLike, make_weights

Floats = npt.NDArray[np.float64]
SLACK = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TablePopulation:
    """Two annotators with joint probabilities `table` (k, k), rows the first."""

    rates: AssumedRates
    weights: WeightsLike
    table: Floats
    value: float
    variance: float
    basis: str

    @property
    def labels_per_item(self) -> float:
        """Two."""
        return 2.0

    @property
    def class_shares(self) -> dict[str, float]:
        """How often each class is used by the two together; classes are numbered from 1."""
        both = np.mean(self.rates.by_annotator, axis=0)
        return {str(i): float(s) for i, s in enumerate(both, start=1)}

    @property
    def correlation(self) -> float:
        """The assumed one."""
        return self.rates.correlation

    def at(self, value: float) -> TablePopulation:
        """Return the population with another kappa and the same class shares."""
        return table_population(replace(self.rates, agreement=value), self.weights)

    def draw(self, n: int, rng: np.random.Generator) -> Annotations:
        """Return the labels of `n` items."""
        k = len(self.table)
        cells = np.repeat(np.arange(k * k), rng.multinomial(n, self.table.ravel()))
        return Annotations(
            item=np.tile(np.arange(n, dtype=np.int32), 2),
            annotator=np.repeat(np.array([0, 1], dtype=np.int32), n),
            label=np.concatenate([cells // k, cells % k]).astype(np.int32),
            items=pd.RangeIndex(n),
            annotators=pd.Index(["first", "second"]),
            schema=numbered_classes(k),
            item_data=pd.DataFrame(index=range(n)),
        )


def table_population(rates: AssumedRates, weights: WeightsLike) -> TablePopulation:
    """Build the table of two annotators with the assumed class shares and kappa.

    Raises
    ------
    ParameterError
        If there are more than two annotators, or no table has these class shares and this kappa.
    """
    if rates.n_annotators != 2:
        raise ParameterError(
            Problem(
                what=f"cohen_kappa is planned for two annotators, not {rates.n_annotators}",
                parameter="n_annotators",
                value=rates.n_annotators,
                allowed=("2",),
                next_step="For more take coefficient='fleiss_kappa' or 'krippendorff_alpha', or a pilot.",
            )
        )
    first, second = (np.array(s) for s in rates.by_annotator)
    k = first.size
    scheme = make_weights(weights, numbered_classes(k))
    w = np.asarray(scheme.apply(np.eye(k)))
    chance = float(first @ w @ second)
    observed = rates.agreement * (1 - chance) + chance
    weighted = w - (1 - rates.agreement) * ((w @ second)[:, None] + (first @ w)[None, :])  # linearised, per cell
    if k == 2:
        table = _only_table(first, second, (observed - chance) / (2 * (1 - w[0, 1])))
    else:
        table = _widest_table(first, second, w, observed=observed, objective=weighted**2)
    if table is None:
        raise _unreachable(rates)
    mean = float((table * weighted).sum())
    variance = (float((table * weighted**2).sum()) - mean**2) / (1 - chance) ** 2
    model = "the table is fixed by them" if k == 2 else "the table with the largest standard error"
    return TablePopulation(
        rates=rates,
        weights=weights,
        table=table,
        value=float(rates.agreement),
        variance=max(variance, 0.0),
        basis=f"assumed rates ({model})",
    )


def _only_table(first: Floats, second: Floats, excess: float) -> Floats | None:
    """Return the 2 x 2 table with these margins; None where a cell would be negative."""
    table = np.outer(first, second) + excess * np.array([[1.0, -1.0], [-1.0, 1.0]])
    return None if table.min() < -SLACK else _tidy(table)


def _widest_table(first: Floats, second: Floats, w: Floats, *, observed: float, objective: Floats) -> Floats | None:
    """Return the table with these margins and this agreement that makes `objective` largest; None if there is none."""
    from scipy.optimize import linprog  # 0.3 s to import, and needed only here

    k = first.size
    rows = np.kron(np.eye(k), np.ones(k))
    columns = np.kron(np.ones(k), np.eye(k))
    found = linprog(
        -objective.ravel(),
        A_eq=np.vstack([rows, columns, w.ravel()]),
        b_eq=np.concatenate([first, second, [observed]]),
        bounds=(0, 1),
    )
    return None if found.x is None else _tidy(found.x.reshape(k, k))


def _tidy(table: Floats) -> Floats:
    kept = np.maximum(table, 0.0)
    return np.asarray(kept / kept.sum())


def _unreachable(rates: AssumedRates) -> ParameterError:
    return ParameterError(
        Problem(
            what=f"no two annotators with class shares {rates.class_shares} have a kappa of {rates.agreement:g}",
            parameter="agreement",
            value=rates.agreement,
            next_step="Bring their class shares closer together, or assume a value nearer to 0.",
        )
    )
