"""`measure_change`: what it measures, on which items, and what it says where nothing can be said."""

import json
import math

import numpy as np
import pandas as pd
import pytest

from labelqa.annotations.table import Annotations
from labelqa.errors import ParameterError, RoundsError
from labelqa.reliability import names
from labelqa.reliability.comparison.compare import compare_agreement
from labelqa.reliability.estimate import agreement
from labelqa.review.proving import rules as rule_module
from labelqa.review.proving.effects import effect_of, influence_of, scorer_of, summed_test
from labelqa.review.proving.measuring import measure_change
from labelqa.review.proving.overall import COLUMNS as STRATUM_COLUMNS
from labelqa.review.proving.panel import make_panel
from labelqa.review.proving.result import COLUMNS
from labelqa.review.proving.wording import class_lines, interval_remark, next_step, no_class_line, rests_line
from tests.unit.review.campaigns import CLASSES, RULE, Campaign, Reading, annotations, simulate

FEW, ENOUGH = 99, 199  # arrangements; the second for six classes under Holm
BORDER, CLASS = RULE, ("R4", "rust", None)


def proof(found, **options):
    given = {"strata": found.strata, "changed_rules": [BORDER], "n_permutations": FEW} | options
    return measure_change(found.before, found.after, **given)


def campaign(seed=3, **changes):
    return simulate(Campaign(**changes), np.random.default_rng(seed))


def only(found, stratum):
    """Return the campaign with the items of one stratum of the later round."""
    strata = {name: value for name, value in found.strata.items() if value[0] == stratum}
    return found.before, found.after.where(item=list(strata)), strata


def rounds(before, after):
    """Return two rounds from item -> labels of people 1, 2, ..."""
    parts = []
    for labels in (before, after):
        rows = [(i, f"p{j}", label) for i, given in labels.items() for j, label in enumerate(given)]
        parts.append(annotations(pd.DataFrame(rows, columns=["item", "annotator", "label"])))
    return parts


@pytest.fixture(scope="module")
def found():
    return campaign(after=Reading(pairs=(0.05, 0.12, 0.12)), n_held_out=100, n_fresh=100)


@pytest.fixture(scope="module")
def full(found):
    return proof(found, changed_rules=[BORDER, CLASS], target=0.5, n_permutations=ENOUGH)


def test_the_answer_rests_on_held_out_and_fresh_items_only(found, full):
    assert full.rests_on == ("held_out", "fresh")
    rows = full.strata.set_index("stratum")
    assert list(rows.index) == ["held_out", "fresh", "paired", "answer"]
    assert not rows.loc["paired", "in_answer"]
    assert "no part of the answer" in rows.loc["paired", "reason"]
    unseen = [name for name, (stratum, _) in found.strata.items() if stratum in ("held_out", "fresh")]
    expected = compare_agreement(found.before, found.after.where(item=unseen), n_permutations=FEW)
    assert rows.loc["answer", "difference"] == pytest.approx(expected.difference)
    assert rows.loc["answer", "n_both"] == 100


def test_held_out_items_are_compared_with_themselves_and_fresh_ones_with_all_before(full):
    rows = full.strata.set_index("stratum")
    assert rows.loc["held_out", "design"] == "paired"
    assert rows.loc["fresh", "design"] == "independent"
    assert rows.loc["fresh", "n_before_only"] == 300


def test_a_border_rule_is_measured_on_the_labels_of_its_two_classes(found, full):
    unseen = [name for name, (stratum, _) in found.strata.items() if stratum in ("held_out", "fresh")]
    row = full.rules.iloc[0]
    for part, value in ((found.before, row["before"]), (found.after.where(item=unseen), row["after"])):
        two = part.where(label=["scratch", "dent"])
        assert value == pytest.approx(agreement(two).estimate)


@pytest.mark.parametrize("coefficient", ["cohen_kappa", "conger_kappa", "gwet_ac"])
def test_a_border_rule_is_measured_by_any_coefficient(found, coefficient):
    before, after, strata = only(found, "held_out")
    got = measure_change(
        before, after, strata=strata, changed_rules=[BORDER], coefficient=coefficient, n_permutations=FEW
    )
    held_out = before.where(item=list(strata)).where(label=["scratch", "dent"]).merge_classes({"other": CLASSES[2:]})
    codes = {"scratch": "scratch", "dent": "dent"}
    frame = held_out.to_frame().assign(label=lambda f: f["label"].map(codes))
    two = Annotations.from_frame(frame, item="item", annotator="annotator", label="label", classes=["scratch", "dent"])
    expected = agreement(two, coefficient).estimate
    assert got.rules["before"].iloc[0] == pytest.approx(expected)


def test_a_rule_of_one_class_is_measured_on_that_class_against_all_others(full):
    row = full.rules.iloc[1]
    expected = full.classes.set_index("class").loc["rust"]
    for name in ("before", "after", "difference", "low", "high"):
        assert row[name] == pytest.approx(expected[name])


def test_p_values_of_rules_are_adjusted_for_their_number(full):
    assert full.rules["p_adjusted"].min() == pytest.approx(min(2 * full.rules["p_value"].min(), 1))


def test_two_rules_about_the_same_classes_share_one_effect(found):
    both = proof(found, changed_rules=[BORDER, ("R9", "dent", "scratch"), ("R10", "scratch", "dent")])
    assert both.rules["p_adjusted"].iloc[0] == both.rules["p_value"].iloc[0]
    assert both.rules["difference"].nunique() == 1
    assert "one effect together with R9, R10" in both.rules["words"].iloc[0]


def test_a_found_effect_reads_as_one_line(full):
    words = full.rules["words"].iloc[0]
    assert words.startswith("R3 scratch/dent: alpha 0.")
    assert ", improved (p " in words
    assert words in full.to_text()
    assert full.verdict == "improved"


def test_the_error_of_an_effect_is_the_same_item_by_item(found):
    before, after, strata = only(found, "held_out")
    panel = make_panel(before.where(item=list(strata)), after, names.KRIPPENDORFF)
    every = np.ones(panel.items.size, dtype=bool)
    part = panel.part(every, every)
    pair = panel.pair(part)
    scorer = scorer_of(pair, names.KRIPPENDORFF, [0, 1])
    effect = effect_of(pair, scorer, 0.95)
    terms = influence_of(panel, part, scorer)
    group = np.where(terms.used, 0, -1)
    test = summed_test(effect.difference, terms.of_after - terms.of_before, group, 0.95)
    assert terms.after - terms.before == pytest.approx(effect.difference)
    assert test.standard_error == pytest.approx(effect.test.standard_error)


def test_without_held_out_and_fresh_items_the_answer_says_that_its_items_were_open():
    found = campaign(n_held_out=0, n_fresh=0, n_control=0, n_paired=120, method="random", restricted=False)
    got = proof(found)
    assert got.rests_on == ("paired",)
    assert any("open while the rules" in text for text in got.cautions)
    assert "open while the rules were written" in got.to_text()


def test_items_chosen_for_disagreement_weigh_one_over_their_probability():
    found = campaign(n_held_out=0, n_fresh=0, n_control=0, n_paired=120, restricted=False)
    got = proof(found)
    chances = {name: chance for name, (_, chance) in found.strata.items()}
    expected = compare_agreement(found.before, found.after, selection=chances, n_permutations=FEW)
    assert got.answer.difference == pytest.approx(expected.difference)
    assert any("1 / its probability" in text for text in got.cautions)
    assert set(got.classes["verdict"]) == {"undefined"}
    assert got.rules["verdict"].tolist() == ["undefined"]
    assert not math.isnan(got.rules["difference"].iloc[0])
    assert "no verdict: measured on items chosen for disagreement" in got.rules["words"].iloc[0]


def test_items_chosen_for_disagreement_without_probabilities_are_not_compared():
    found = campaign(n_held_out=0, n_fresh=0, n_control=0, n_paired=90, restricted=False)
    got = proof(found, strata=dict.fromkeys(found.strata, ("paired", None)))
    assert got.verdict == "undefined"
    assert got.rests_on == ()
    assert "regression to the mean" in got.strata["reason"].iloc[0]


def test_items_of_the_changed_classes_alone_are_not_compared():
    found = campaign(n_held_out=0, n_fresh=0, n_control=0, n_paired=60)
    got = proof(found)
    assert got.verdict == "undefined"
    assert "without control items" in got.strata["reason"].iloc[0]
    assert "undefined" in got.rules["words"].iloc[0]


def test_items_of_an_earlier_targeted_choice_do_not_stand_for_others(found):
    earlier = dict.fromkeys(found.before.items[:200], ("paired", None))
    earlier |= dict.fromkeys(found.before.items[200:], ("fresh", None))
    got = proof(found, earlier_strata=earlier)
    assert got.strata.set_index("stratum").loc["fresh", "n_before_only"] == 100


def test_learning_is_measured_on_items_that_nobody_gave_a_touched_class():
    before = {f"a{i}": ("rust", "stain" if i % 3 == 0 else "rust") for i in range(30)}
    before |= {f"b{i}": ("stain", "stain") for i in range(30)} | {f"c{i}": ("scratch", "dent") for i in range(10)}
    before |= {"d": ("rust", "rust"), "e": ("scratch", "rust")}
    after = dict(before) | {"d": ("rust", "dent"), "e": ("rust", "rust")}
    first, second = rounds(before, after)
    strata = {name: ("control" if name[0] in "abde" else "held_out", None) for name in before}
    got = measure_change(first, second, strata=strata, changed_rules=[BORDER], n_permutations=FEW).learning
    assert (got.n_before, got.n_after) == (60, 60)
    assert got.difference == 0
    assert got.by_learning == pytest.approx(got.touched_before)


def test_learning_changes_its_sign_when_the_rounds_are_swapped(found):
    before, after, strata = only(found, "control")
    before = before.where(item=list(strata))
    forth = measure_change(before, after, strata=strata, changed_rules=[BORDER], n_permutations=FEW).learning
    back = measure_change(after, before, strata=strata, changed_rules=[BORDER], n_permutations=FEW).learning
    assert forth.difference == pytest.approx(-back.difference)
    assert forth.n_before == forth.n_after == back.n_before
    assert (forth.low, forth.high) == pytest.approx((-back.high, -back.low))


def test_without_control_items_an_improvement_is_credited_to_nobody(found):
    names_of = [n for n in found.before.items if found.strata.get(n, ("",))[0] == "held_out"]
    rules = [("R1", a, b) for a, b in zip(CLASSES[::2], CLASSES[1::2], strict=True)]
    strata = {n: found.strata[n] for n in names_of}
    parts = found.before.where(item=names_of), found.after.where(item=names_of)
    got = measure_change(*parts, strata=strata, changed_rules=rules, n_permutations=FEW)
    assert got.verdict == "improved"
    assert got.credit == "no_control"
    assert "free of the changed classes" in got.learning.reason


def test_classes_that_got_worse_are_named_those_without_a_rule_first():
    before, after = Reading(pairs=(0.05, 0.05, 0.12)), Reading(pairs=(0.45, 0.45, 0.12))
    found = campaign(before=before, after=after, n_before=500, n_held_out=300, n_fresh=0, n_paired=0, n_control=0)
    got = proof(found, n_permutations=ENOUGH)
    assert set(got.regressions) == {"scratch", "dent", "rust", "stain"}
    assert set(got.regressions[:2]) == {"rust", "stain"}
    assert "rust" in got.next_step
    assert got.verdict == "worse"


def test_a_pair_that_became_confused_is_listed():
    before, after = Reading(pairs=(0.3, 0.0, 0.0), slip=0.01), Reading(pairs=(0.1, 0.4, 0.0), slip=0.01)
    found = campaign(before=before, after=after, n_before=400, n_held_out=200, n_fresh=100)
    got = proof(found).new_pairs
    got = got[got["is_clear"].astype(bool)]
    assert got[["class_a", "class_b"]].to_numpy().tolist() == [["rust", "stain"]]
    assert got["disagreement"].iloc[0] > got["disagreement_before"].iloc[0]


def test_the_target_takes_held_out_and_fresh_items_in_the_given_order(found, full):
    from labelqa.reliability.sequential.target import SequentialTarget

    stop = SequentialTarget(0.5)
    labels = found.after.to_frame().groupby("item")["label"].apply(list)
    for name, (stratum, _) in found.strata.items():
        if stratum in ("held_out", "fresh"):
            stop.update(labels[name])
    assert full.target.n_items == 200
    assert full.target.lower_bound == stop.lower_bound
    assert full.target_reached is stop.reached


def test_while_a_round_runs_the_target_waits_for_the_first_unfinished_item(found):
    order = [name for name, (stratum, _) in found.strata.items() if stratum in ("held_out", "fresh")]
    running = found.after.where(item=[name for name in found.strata if name != order[40]])
    assert proof(simulated(found, running), target=0.5, complete=False).target.n_items == 40
    assert proof(simulated(found, running), target=0.5).target.n_items == len(order) - 1


def simulated(found, after):
    return type(found)(found.before, after, found.strata)


def test_a_target_without_a_sequential_test_has_a_reason(found):
    got = proof(found, target=0.5, coefficient="gwet_ac")
    assert got.target is None
    assert "no sequential test" in got.no_target_because
    assert "no sequential test" in got.to_text()


def test_a_class_that_vanishes_is_undefined_with_a_reason():
    before = {f"a{i}": ("rust", "rust") for i in range(20)} | {f"b{i}": ("scratch", "dent") for i in range(20)}
    after = {f"a{i}": ("rust", "rust") for i in range(20)} | {f"b{i}": ("stain", "stain") for i in range(20)}
    first, second = rounds(before, after)
    strata = dict.fromkeys(before, ("held_out", None))
    got = measure_change(first, second, strata=strata, changed_rules=[BORDER], n_permutations=FEW)
    assert math.isnan(got.rules["difference"].iloc[0])
    assert "two labels of these classes" in got.rules["reason"].iloc[0]
    vanished = got.classes.set_index("class").loc["dent"]
    assert vanished["verdict"] == "undefined"
    assert vanished["reason"]


def test_a_rule_of_an_unknown_class_is_undefined_with_a_reason(found):
    got = proof(found, changed_rules=[("R7", "unheard of", None), BORDER])
    assert got.rules["verdict"].iloc[0] == "undefined"
    assert got.rules["reason"].iloc[0] == rule_module.UNKNOWN_CLASS
    assert got.rules["verdict"].iloc[1] == "improved"


@pytest.mark.parametrize("n", [0, 1, 2])
def test_hardly_any_labels_give_no_verdict_and_no_warning(n):
    labels = {f"a{i}": ("rust", "stain") for i in range(n)}
    first, second = rounds(labels, labels)
    got = measure_change(first, second, strata=dict.fromkeys(labels, ("held_out", None)), changed_rules=[BORDER])
    assert got.verdict in ("undefined", "too_few_items")
    assert got.to_text()
    assert got.learning.reason


def test_single_labels_give_no_verdict():
    labels = {f"a{i}": ("rust",) for i in range(20)}
    first, second = rounds(labels, labels)
    got = measure_change(first, second, strata=dict.fromkeys(labels, ("held_out", None)), changed_rules=[BORDER])
    assert got.verdict == "undefined"
    assert "only one annotator gave labels" in got.statement


def test_no_changed_rules_leave_the_answer(found):
    got = proof(found, changed_rules=[])
    assert got.rules.empty
    assert got.verdict == "improved"
    assert got.learning.reason == "no changed rules were given"
    assert got.credit == "none"
    assert list(got.to_frame().columns) == list(COLUMNS)


def test_the_same_seed_gives_the_same_proof(found):
    one, two = (json.dumps(proof(found, rng=7).to_dict()) for _ in range(2))
    assert one == two


def test_a_proof_is_json_and_a_tidy_table(full):
    told = json.loads(json.dumps(full.to_dict()))
    assert told["type"] == "RoundProof"
    assert told["statement"] == full.statement
    assert list(full.strata.columns) == list(STRATUM_COLUMNS)
    assert list(full.rules.columns) == list(rule_module.COLUMNS)
    frame = full.to_frame()
    assert list(frame.columns) == list(COLUMNS)
    assert set(frame["part"]) == {"stratum", "rule", "class", "learning"}
    assert 3 <= len(full.summary()) <= 6
    assert "next:" in full.summary()[-1]


def test_strata_may_be_a_table(found, full):
    rows = [(name, stratum, chance) for name, (stratum, chance) in found.strata.items()]
    table = pd.DataFrame(rows, columns=["item", "stratum", "probability"])
    got = proof(found, strata=table, changed_rules=[BORDER, CLASS], target=0.5, n_permutations=ENOUGH)
    assert got.to_dict() == full.to_dict()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"strata": {}}, "lacks"),
        ({"strata": {"i00001": ("secret", None)}}, "held_out"),
        ({"strata": {"i00001": ("fresh", 0)}}, "probability 0"),
        ({"strata": {"i00001": ("fresh", "often")}}, "often"),
        ({"strata": {"i00001": "fresh"}}, "(stratum, probability)"),
        ({"strata": 3}, "how items were chosen"),
        ({"changed_rules": ["R1"]}, "other class or None"),
        ({"changed_rules": [("R1", "rust")]}, "other class or None"),
        ({"coefficient": "kappa"}, "krippendorff_alpha"),
        ({"confidence": 95}, "confidence"),
        ({"n_permutations": 5}, "99"),
        ({"earlier_strata": {"i00001": ("old", None)}}, "'old'"),
    ],
)
def test_wrong_input_says_what_is_allowed(found, options, message):
    with pytest.raises(ParameterError, match=message.replace("(", r"\(").replace(")", r"\)")):
        proof(found, **options)


def test_data_of_several_rounds_is_refused(found):
    frame = found.before.to_frame().assign(round="1")
    frame.loc[: len(frame) // 2, "round"] = "2"
    two = Annotations.from_frame(frame, item="item", annotator="annotator", label="label", round="round")
    with pytest.raises(RoundsError):
        measure_change(two, found.after, strata=found.strata, changed_rules=[BORDER])


def test_a_class_is_not_told_beside_its_own_rule_unless_the_verdicts_differ():
    row = {"before": 0.4, "after": 0.6, "p_adjusted": 0.01, "touched": True}
    classes = pd.DataFrame([{"class": "bug", "verdict": "improved"} | row, {"class": "wish", "verdict": "worse"} | row])
    rule = {"class_a": "bug", "class_b": ""}
    same, other, border = (
        pd.DataFrame([rule | more])
        for more in ({"verdict": "improved"}, {"verdict": "no_evidence"}, {"verdict": "improved", "class_b": "wish"})
    )
    assert [line[:4] for line in class_lines(classes, same)] == ["wish"]
    assert [line[:4] for line in class_lines(classes, border)] == ["bug:", "wish"]
    told = class_lines(classes, other)
    assert "over all classes" in told[0]
    assert told[0].endswith("which is tested among the changed rules only")
    assert no_class_line(classes) == "No class beside those of the changed rules clearly changed."
    assert no_class_line(classes.iloc[:0]) == "No single class clearly changed."


def test_a_proof_advises_no_calls():
    for verdict in ("improved", "worse", "no_evidence", "too_few_items", "undefined"):
        assert "(after)" not in next_step(verdict, "none", None, (), None)
        assert "_" not in next_step(verdict, "none", None, (), None)


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({}, "looking at all changed rules at once (p 0.090)"),
        ({"p_value": 0.07}, "by the permutation test (p 0.070)"),
        ({"low": -0.01}, ""),
        ({"verdict": "improved", "p_adjusted": 0.01}, ""),
        ({"low": math.nan, "high": math.nan}, ""),
    ],
)
def test_where_the_interval_leaves_out_0_without_a_verdict_the_real_reason_is_told(facts, said):
    row = {"low": 0.01, "high": 0.13, "p_value": 0.03, "p_adjusted": 0.09, "verdict": "too_few_items"} | facts
    told = interval_remark(row, 0.95, "changed rules")
    assert said in told
    assert bool(told) == bool(said)


def test_only_the_items_of_the_later_round_are_said_to_be_unseen():
    assert "nobody saw those of the later round while" in rests_line(("held_out", "fresh"))
    assert rests_line(("paired",)).endswith("items labeled again, which were open while the rules were written.")
