"""The entry point: from the labels of two rounds to what the changed rules did."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from labelqa.annotations.table import Annotations
from labelqa.counts.patterns import need_annotations
from labelqa.errors import check_choice, check_whole
from labelqa.inference.intervals import check_level
from labelqa.reliability import names
from labelqa.review.proving.division import divide
from labelqa.review.proving.learning import measure_control, with_touched
from labelqa.review.proving.new_pairs import newly_confused
from labelqa.review.proving.overall import class_verdicts, stratum_changes
from labelqa.review.proving.panel import make_panel
from labelqa.review.proving.result import RoundProof, credit_of
from labelqa.review.proving.rules import ChangedRule, checked_rules, rule_effects, touched_classes
from labelqa.review.proving.settings import N_PERMUTATIONS, Settings
from labelqa.review.proving.stopping import target_state
from labelqa.review.proving.strata import Strata, check_all_listed, checked_strata
from labelqa.review.proving.wording import level_caution


def measure_change(  # noqa: PLR0913  # two rounds, how each was chosen, what changed; the rest are usual options
    before: Annotations,
    after: Annotations,
    *,
    strata: Strata,
    changed_rules: Sequence[ChangedRule],
    earlier_strata: Strata | None = None,
    target: float | None = None,
    complete: bool = True,
    coefficient: str = names.KRIPPENDORFF,
    confidence: float = 0.95,
    n_permutations: int = N_PERMUTATIONS,
    rng: int | np.random.Generator = 0,
) -> RoundProof:
    """Whether a change of the instruction helped, and which rule.

    Parameters
    ----------
    before, after : Annotations
        One round each, without hidden repeats.
    strata : mapping of item to (stratum, probability), or DataFrame
        How the items of `after` were chosen (columns item, stratum, probability): ``held_out``, ``fresh``, ``paired``
        or ``control``, and with which probability; None stands for "as likely as all others". In the random order of
        the round, in which the target is looked at.
    changed_rules : sequence of (rule id, class, other class or None)
        The rules that changed between the rounds; the other class of a rule about a border.
    earlier_strata : as `strata`, optional
        How the items of `before` were chosen: only its held-out and fresh items then stand for all others. Without it,
        all of its items do.
    target : float, optional
        Agreement to exceed on held-out and fresh items.
    complete : bool
        Whether the later round is finished. While it runs, the target is looked at up to the first unfinished item.
    coefficient : str
        As for :func:`labelqa.agreement`.
    confidence : float
        Level of intervals; tests are at 1 - confidence.
    n_permutations : int
        Random arrangements of each permutation test.
    rng : int or numpy.random.Generator
        Seed or generator.

    Returns
    -------
    RoundProof
        One answer and what it rests on; strata, classes, rules, new confused pairs, learning, target.

    Raises
    ------
    ParameterError
        If an item of `after` is missing in `strata`, or a parameter is not allowed.
    RoundsError
        If `before` or `after` holds more than one round.

    Notes
    -----
    The answer rests on held-out items (paired) and fresh items (against all items before that were chosen at random);
    only without either, on items labeled again, weighted by 1 / probability (Hajek). Rules and classes are measured on
    the same items; where these are weighted, there is no verdict on single ones (simulated: wrong too often). Intervals
    of single rules are not widened for their number; p values are (Holm).

    References
    ----------
    Gwet, K. L. (2016). Educ. Psychol. Meas. 76, 609-637. Holm, S. (1979). Scand. J. Statist. 6, 65-70. Figures of
    simulated campaigns: `tests/bench/campaigns.py`.

    Examples
    --------
    >>> import pandas as pd
    >>> items = [f"t{i}" for i in range(40)]
    >>> truth = ["scratch", "dent", "rust", "clean"] * 10
    >>> slips = ["dent" if t == "scratch" and i % 8 == 0 else t for i, t in enumerate(truth)]
    >>> wide = lambda other: pd.DataFrame({"item": items, "ann": truth, "ben": other})
    >>> first, second = (Annotations.from_wide(wide(o), ["ann", "ben"], "item") for o in (slips, truth))
    >>> strata = {item: ("held_out", None) for item in items}
    >>> found = measure_change(first, second, strata=strata, changed_rules=[("R3", "scratch", "dent")])
    >>> found.rules["words"][0][:46]
    'R3 scratch/dent: alpha 0.48 -> 1.00 [+0.09, +0'
    """
    for data in (before, after):
        need_annotations(data)
    settings = _checked(coefficient, confidence, n_permutations)
    rules = checked_rules(changed_rules)
    chosen = checked_strata(strata, "strata")
    earlier = {} if earlier_strata is None else checked_strata(earlier_strata, "earlier_strata")
    check_all_listed(after.items, chosen)
    generator = np.random.default_rng(rng)
    panel = make_panel(before, after, coefficient)
    touched = touched_classes(rules, panel.schema)
    division = divide(panel, chosen, earlier, touched)
    table, answer = stratum_changes(panel, division, settings, generator)
    control = measure_control(panel, division.control, touched, settings, generator)
    state, no_target = target_state(panel, chosen, target, settings, complete=complete)
    learning = with_touched(panel, division.answer, touched, control, settings)
    verdict = "undefined" if answer is None else answer.verdict
    names_touched = frozenset(panel.schema.names[c] for c in touched)
    warned = () if answer is None else answer.warnings
    return RoundProof(
        coefficient=coefficient,
        confidence=confidence,
        verdict=verdict,
        rests_on=division.rests_on,
        answer=answer,
        credit=credit_of(verdict, learning),
        strata=table,
        classes=class_verdicts(answer, names_touched, is_weighted=division.answer.is_weighted),
        rules=rule_effects(panel, division.answer, rules, control, settings, generator),
        new_pairs=newly_confused(panel, division.answer, settings, generator),
        learning=learning,
        target=state,
        no_target_because=no_target,
        cautions=(*level_caution(before.schema.level), *division.cautions, *warned),
        level=before.schema.level,
    )


def _checked(coefficient: str, confidence: float, n_permutations: int) -> Settings:
    check_choice("coefficient", coefficient, names.COEFFICIENTS)
    check_level(confidence, "confidence")
    check_whole("n_permutations", n_permutations, 99, what="gives no p value worth reading", usual="2,000")
    return Settings(coefficient=coefficient, confidence=confidence, n_permutations=n_permutations)
