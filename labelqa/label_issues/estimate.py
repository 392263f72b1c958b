"""How many labels are wrong, from verdicts on a designed sample; and what verdicts teach about the rest."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from labelqa.errors import ParameterError, Problem, check_kind
from labelqa.label_issues.estimate_result import Cells, ErrorEstimate, Figure
from labelqa.label_issues.result import LabelIssues
from labelqa.label_issues.sample import ReviewSample, drawing_order, quality_strata
from labelqa.label_issues.scoring import logit, sigmoid
from labelqa.label_issues.verdicts import RIGHT, UNSURE, WRONG, Verdicts, read_verdicts
from labelqa.text import counted

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int32]
Mask = npt.NDArray[np.bool_]
FEW = 20  # verdicts below which the interval is a first idea only
JUDGED = 0.9  # share of the first rows of the usual sample that must be judged to take them for that sample
PRIOR_SHIFT, PRIOR_SLOPE = 2.0, 1.0  # standard deviations of the shift and the log of the slope around no change


def estimate_label_errors(
    issues: LabelIssues, verdicts: object, *, sample: ReviewSample | None = None
) -> ErrorEstimate:
    """Count the wrong labels from verdicts on a designed sample, without trust in the model.

    Parameters
    ----------
    issues : LabelIssues
        Of :func:`find_label_issues`.
    verdicts : mapping, Series, or DataFrame with columns item and verdict
        For each item "wrong" or True, "right" or False, "unsure", or the right class. Missing verdicts are skipped.
    sample : ReviewSample, optional
        The sample that was reviewed. Without it, rows of a table that have a stratum are the sample; for other input it
        is ``issues.review_sample()`` with its usual seed.

    Returns
    -------
    ErrorEstimate
        Unbiased count with its 95 % interval, precision of the flags, counts by class, and the issues ranked anew.

    Raises
    ------
    ParameterError
        For unknown or repeated items, unknown verdicts, or a sample of other labels.

    Notes
    -----
    Verdicts on other rows than the sample's say nothing of the rest: whoever reads the most suspicious labels first
    finds more errors than there are elsewhere. Where everything down to some rank is judged, those rows are counted as
    they are, and the sample speaks for the rows below. All other verdicts only bound the count.

    References
    ----------
    Cochran, W. (1977). Sampling Techniques, 3rd ed., eq. 5.1, 5A.69. The interval: ``labelqa.label_issues.stratified``.

    Examples
    --------
    >>> from labelqa.label_issues.find import find_label_issues
    >>> issues = find_label_issues(["a", "b"] * 20, pred_probs=[[0.9, 0.1], [0.2, 0.8]] * 19 + [[0.1, 0.9]] * 2)
    >>> sample = issues.review_sample(30)
    >>> verdicts = {item: "wrong" if item == 38 else "right" for item in sample.frame["item"]}
    >>> found = estimate_label_errors(issues, verdicts, sample=sample)
    >>> found.errors, found.low <= 1 <= found.high
    (1.0, True)
    """
    check_kind("issues", issues, LabelIssues, allowed="LabelIssues", next_step="Call find_label_issues first.")
    read = read_verdicts(issues, verdicts)
    said = read.over(len(issues))
    design = _design(issues, read, said, sample)
    cells = design.cells(issues, said)
    every = np.ones(len(issues), dtype=bool)
    parts = {"all": every, "flagged": issues.flagged, "not flagged": ~issues.flagged}
    figures = tuple(cells.count(name, mask) for name, mask in parts.items())
    precision = figures[1].shares()
    return ErrorEstimate(
        errors=figures[0].errors,
        low=figures[0].low,
        high=figures[0].high,
        precision=precision[0],
        precision_low=precision[1],
        precision_high=precision[2],
        n=len(issues),
        judged=figures[0].judged,
        wrong=figures[0].wrong,
        unsure=int((said == UNSURE).sum()),
        in_sample=int((design.member & cells.known).sum()),
        notes=_notes(design, cells),
        undefined_because=figures[0].undefined_because,
        _figures=figures,
        _cells=cells,
        _issues=_taught(issues, read, cells, figures[0]),
        _seen=said >= 0,
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Design:
    """Stratum (n,) of each label, and which labels were drawn (n,)."""

    strata: npt.NDArray[np.int32]
    member: Mask

    def cells(self, issues: LabelIssues, said: Codes) -> Cells:
        """Return what is known by stratum, with labels that are judged without exception as strata of their own."""
        certain = _judged_from_the_top(issues.ranking, said >= 0, self.member)
        known = np.isin(said, (RIGHT, WRONG))
        return Cells(
            cell=2 * self.strata.astype(np.intp) + ~certain,
            used=known & (self.member | certain),
            known=known,
            wrong=said == WRONG,
        )


def _design(issues: LabelIssues, read: Verdicts, said: Codes, sample: ReviewSample | None) -> _Design:
    member = np.zeros(len(issues), dtype=bool)
    if sample is not None:
        check_kind("sample", sample, ReviewSample, allowed="a ReviewSample", next_step="Call issues.review_sample.")
        if not sample.items.equals(issues.items):
            _refuse("sample was drawn from other labels than those of issues", "sample")
        member[sample.rows] = True
        return _Design(strata=sample.strata, member=member)
    strata = quality_strata(issues.quality)
    if read.strata is None:
        member[_usual_sample(strata, said >= 0)] = True
        return _Design(strata=strata, member=member)
    told = read.strata > 0
    if (strata[read.rows[told]] + 1 != read.strata[told]).any():
        _refuse("the strata in verdicts are not those of issues", "verdicts")
    member[read.rows[told]] = True
    return _Design(strata=strata, member=member)


def _usual_sample(strata: npt.NDArray[np.int32], seen: Mask) -> npt.NDArray[np.intp]:
    """Return the rows of the usual sample as far as it was judged: none where verdicts seem to be on other rows."""
    order = drawing_order(strata, np.random.default_rng(0))
    found = np.cumsum(seen[order])
    good = np.flatnonzero((found >= JUDGED * np.arange(1, found.size + 1)) & seen[order])
    n = int(good[-1]) + 1 if good.size else 0
    return order[:n] if n >= FEW or (n and found[n - 1] == seen.sum()) else order[:0]


def _judged_from_the_top(ranking: npt.NDArray[np.intp], seen: Mask, member: Mask) -> Mask:
    """Return the labels from the most suspicious to the last one judged outside the sample before the first gap.

    Verdicts outside the sample may not join it: they were chosen by suspicion, and the drawn labels among the most
    suspicious would stand for those that were not checked. Cut by rank, both parts stay random samples.
    """
    out = np.zeros(seen.size, dtype=bool)
    gaps = np.flatnonzero(~seen[ranking])
    whole = ranking[: gaps[0]] if gaps.size else ranking
    outside = np.flatnonzero(~member[whole])
    out[whole[: outside[-1] + 1] if outside.size else whole[:0]] = True
    return out


def _taught(issues: LabelIssues, read: Verdicts, cells: Cells, figure: Figure) -> LabelIssues:
    """Return issues whose qualities follow the verdicts; their order without a verdict stays."""
    odds = logit(issues.quality)
    shift, slope = _recalibration(odds[cells.known], ~cells.wrong[cells.known], _weights(cells))
    quality = sigmoid(shift + slope * odds)
    quality[cells.known] = ~cells.wrong[cells.known]
    suggested = issues.suggested.copy()
    named = read.classes >= 0
    suggested[read.rows[named]] = read.classes[named]
    defined = figure.undefined_because is None
    return replace(
        issues,
        quality=quality,
        suggested=suggested,
        expected_errors=figure.errors if defined else float((1 - quality).sum()),
        expected_errors_low=figure.low,
        expected_errors_high=figure.high,
        undefined_because=None if defined else issues.undefined_because,
        source=f"{issues.source} and {counted(figure.judged, 'verdict')}",
        _evidence=replace(issues._evidence, suggested=suggested),
    )


def _weights(cells: Cells) -> Floats:
    """Return how many labels each verdict speaks for, (j,), mean 1; outside the sample for itself."""
    k = int(cells.cell.max(initial=-1)) + 1
    size, used = (np.bincount(cells.cell[mask], minlength=k) for mask in (cells.cell >= 0, cells.used))
    each = np.where(cells.used, (size / np.maximum(used, 1))[cells.cell], 1.0)[cells.known]
    return np.asarray(each / each.mean()) if each.size else each


def _recalibration(odds: Floats, right: Mask, weights: Floats) -> tuple[float, float]:
    """Return shift and slope of log odds under which verdicts are most probable, held near 0 and 1 by a prior.

    The slope is positive, so that the order of labels stays.
    """
    if not odds.size:
        return 0.0, 1.0
    from scipy.optimize import minimize

    def loss(at: Floats) -> float:
        shift, log_slope = at
        line = shift + np.exp(log_slope) * odds
        misfit = float((weights * np.logaddexp(0, np.where(right, -line, line))).sum())
        return misfit + float((shift / PRIOR_SHIFT) ** 2 + (log_slope / PRIOR_SLOPE) ** 2) / 2

    shift, log_slope = minimize(loss, np.zeros(2), method="Nelder-Mead").x
    return float(shift), float(np.exp(log_slope))


def _notes(design: _Design, cells: Cells) -> tuple[str, ...]:
    inside = int((design.member & cells.known).sum())
    aside = int((cells.known & ~cells.used).sum())
    told = (
        (
            aside,
            f"{counted(aside, 'verdict')} outside the sample only bound the count (of another sample? pass sample=)",
        ),
        (0 < inside < FEW, f"{counted(inside, 'verdict')} on the sample: from {FEW} on the count is worth reading"),
    )
    return tuple(text for true, text in told if true)


def _refuse(what: str, parameter: str) -> None:
    next_step = "Pass the issues that the sample was drawn from, and the sample as sample=."
    raise ParameterError(Problem(what=what, parameter=parameter, next_step=next_step))
