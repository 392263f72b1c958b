"""class_confusions: what a user gets, from every kind of input, and what is advised."""

import numpy as np
import pytest

import labelqa as lq
from labelqa.ambiguity.confusions_result import COLUMNS
from labelqa.counts.patterns import CountPatterns
from tests.unit.ambiguity.data import annotations_of, counts_of, patterns_of


@pytest.fixture(scope="module")
def tickets():
    from labelqa._demo import __path__ as folder

    return lq.read_annotations(f"{folder[0]}/support_tickets.csv").where(round="1")


def test_the_planted_pair_of_the_tickets_is_first_and_the_only_one_flagged(tickets):
    found = lq.class_confusions(tickets)
    assert found.flagged[["class_a", "class_b"]].values.tolist() == [["billing", "refund"]]
    row = found.frame.iloc[0]
    assert row["beyond_chance"]
    assert row["above_tolerance"]
    assert row["advice"] == "clarify"
    assert "birch" in row["advice_reason"]
    assert row["n_items"] == 37


def test_columns_are_always_the_same(tickets):
    empty = annotations_of([["a", "a"], ["b", "b"]])
    single = annotations_of([["a", None], ["b", None]])
    for data in (tickets, empty, single):
        assert tuple(lq.class_confusions(data).to_frame().columns) == COLUMNS


def test_counts_give_the_same_but_say_nothing_of_people(tickets):
    whole, counted = lq.class_confusions(tickets), lq.class_confusions(CountPatterns.from_annotations(tickets))
    same = [c for c in COLUMNS if c not in ("direction_p", "leaning", "leans_to", "advice_reason")]
    assert counted.frame[same].equals(whole.frame[same])
    assert counted.frame["direction_p"].isna().all()
    assert "annotator=" in counted.no_direction_because


def test_counts_with_annotators_know_who_leans(tickets):
    counted = lq.count_patterns(tickets.to_frame(), item="item", label="label", annotator="annotator")
    row = lq.class_confusions(counted).frame.iloc[0]
    assert row["direction_p"] == pytest.approx(lq.class_confusions(tickets).frame.iloc[0]["direction_p"])


def test_order_of_rows_and_names_of_annotators_change_nothing(tickets):
    rng = np.random.default_rng(0)
    shuffled = tickets.take(rng.permutation(len(tickets)))
    again = lq.class_confusions(shuffled).frame
    first = lq.class_confusions(tickets).frame
    numbers = first.select_dtypes("number").columns
    assert again[numbers].to_numpy() == pytest.approx(first[numbers].to_numpy(), nan_ok=True)


def test_synonyms_are_merged_and_unrelated_classes_never():
    rng = np.random.default_rng(0)
    for k in (3, 5, 8):
        same = lq.class_confusions(patterns_of(counts_of(rng, k=k, n=600, planted=((0, 1),), rate=1.0))).frame
        assert same.iloc[0][["class_a", "class_b", "advice"]].tolist() == ["a", "b", "merge"]
        for errors in (0.05, 0.3, 0.95):
            other = lq.class_confusions(patterns_of(counts_of(rng, k=k, n=600, errors=errors))).frame
            assert "merge" not in other["advice"].tolist()


def test_one_careless_annotator_is_named_instead_of_the_definition():
    rng = np.random.default_rng(0)
    labels = np.repeat(rng.choice(list("abcd"), (400, 1)), 4, axis=1).astype(object)
    swapped = (labels[:, 0] == "a") & (rng.random(400) < 0.6)
    labels[swapped, 3] = "b"
    row = lq.class_confusions(annotations_of(labels)).frame.iloc[0]
    assert row[["class_a", "class_b", "advice", "leaning", "leans_to"]].tolist() == ["a", "b", "retrain", "p3", "b"]


def test_one_who_guesses_is_named_although_leaning_to_no_side():
    rng = np.random.default_rng(0)
    labels = np.repeat(rng.choice(list("abcd"), (400, 1)), 4, axis=1).astype(object)
    labels[:, 2] = rng.choice(list("abcd"), 400)
    flagged = lq.class_confusions(annotations_of(labels)).flagged
    assert len(flagged) >= 3
    assert set(flagged["advice"]) == {"retrain"}
    assert flagged["advice_reason"].str.contains("p2").all()


def test_two_people_with_opposite_readings_are_not_told_to_merge():
    rng = np.random.default_rng(0)
    labels = np.repeat(rng.choice(list("abcd"), (300, 1)), 2, axis=1).astype(object)
    labels[(labels[:, 0] == "a") & (rng.random(300) < 0.7), 1] = "b"
    row = lq.class_confusions(annotations_of(labels)).frame.iloc[0]
    assert row["advice"] == "clarify"
    assert "different places" in row["advice_reason"]


def test_a_single_split_item_is_no_unclear_border():
    labels = [["c", "c"]] * 20 + [["x", "y"]]
    found = lq.class_confusions(annotations_of(labels))
    assert found.flagged.empty


def test_classes_that_only_look_alike_are_kept_apart():
    labels = [[1, "1"]] * 12 + [[1, 1]] * 20 + [["1", "1"]] * 20 + [["x", "x"]] * 10 + [["y", "y"]] * 10
    data = annotations_of(np.array(labels, dtype=object))
    row = lq.class_confusions(data).pair(1, "1")
    assert row["n_items"] == 12
    assert lq.explain_confusion(data, (1, "1")).n_split == 12


def test_labels_at_random_are_blamed_on_the_task_and_not_on_borders():
    rng = np.random.default_rng(0)
    found = lq.class_confusions(annotations_of(rng.choice(list("abcd"), (150, 3))))
    assert any("near guessing" in note for note in found.notes)
    assert "merge" not in found.frame["advice"].tolist()


def test_a_model_that_is_torn_between_classes_is_no_second_opinion():
    labels = np.array(["a", "b"] * 50 + ["c"] * 50)
    torn = np.full((150, 3), [0.47, 0.47, 0.06])
    torn[100:] = [0.05, 0.05, 0.9]
    found = lq.class_confusions(labels, pred_probs=torn, classes=["a", "b", "c"])
    assert found.frame.empty
    assert "100 items" in found.notes[1]


def test_classes_without_pred_probs_are_refused(tickets):
    with pytest.raises(lq.LabelqaError, match="pred_probs"):
        lq.class_confusions(tickets, classes=["a", "b"])


def test_a_fuzzy_border_is_to_be_clarified():
    rng = np.random.default_rng(0)
    labels = np.repeat(rng.choice(list("abcd"), (600, 1)), 3, axis=1).astype(object)
    fuzzy = np.isin(labels[:, 0], ["a", "b"]) & (rng.random(600) < 0.4)
    labels[fuzzy] = np.where(rng.random((int(fuzzy.sum()), 3)) < 0.5, "a", "b")
    row = lq.class_confusions(annotations_of(labels)).frame.iloc[0]
    assert row["advice"] == "clarify"
    assert row["direction_p"] > 0.01


def test_one_annotator_and_a_model_are_compared_and_the_result_says_so():
    rng = np.random.default_rng(0)
    truth = rng.integers(0, 5, 800)
    labels = np.array(list("abcde"))[truth]
    confused = np.isin(truth, [0, 1]) & (rng.random(800) < 0.4)
    said = np.where(confused, 1 - truth.clip(0, 1), truth)
    probabilities = np.full((800, 5), 0.05)
    probabilities[np.arange(800), said] = 0.8
    found = lq.class_confusions(labels, pred_probs=probabilities, classes=list("abcde"))
    assert found.flagged[["class_a", "class_b"]].values.tolist() == [["a", "b"]]
    assert found.source == "labels and a model's opinion"
    assert "Only one person labeled" in found.notes[0]


def test_pred_probs_beside_several_annotators_are_refused(tickets):
    with pytest.raises(lq.LabelqaError, match="some items have several labels"):
        lq.class_confusions(tickets, pred_probs=np.full((tickets.n_items, 6), 1 / 6))


@pytest.mark.parametrize("tolerance", [-0.1, 1.0, float("nan"), "much"])
def test_a_tolerance_that_is_no_share_is_refused(tickets, tolerance):
    with pytest.raises(lq.LabelqaError, match="tolerance"):
        lq.class_confusions(tickets, tolerance)


def test_tolerance_moves_only_the_flag_above_tolerance(tickets):
    strict, lax = lq.class_confusions(tickets, 0.0), lq.class_confusions(tickets, 0.5)
    assert (strict.frame["above_tolerance"] == (strict.frame["n_items"] >= 3)).all()
    assert not lax.frame["above_tolerance"].any()
    assert lax.flagged["reason"].str.contains("as often as chance explains").all()


def test_several_rounds_are_refused():
    from labelqa._demo import __path__ as folder

    with pytest.raises(lq.LabelqaError, match="2 rounds"):
        lq.class_confusions(lq.read_annotations(f"{folder[0]}/support_tickets.csv"))


def test_single_labels_are_undefined_with_what_to_do():
    found = lq.class_confusions(annotations_of([["a", None], ["b", None]]))
    assert "class probabilities of a model" in found.undefined_because
    assert "no pair" in repr(found)


def test_a_slip_among_rare_classes_does_not_come_before_what_people_mix_up_again_and_again():
    rows = [["rare", "odd"], ["rare", "rare"], ["odd", "odd"]]  # one slip: as hard to tell apart as one class
    rows += [["a", "b"]] * 6 + [["a", "a"]] * 40 + [["b", "b"]] * 40
    frame = lq.class_confusions(annotations_of(rows)).frame
    assert [tuple(sorted(p)) for p in zip(frame["class_a"], frame["class_b"], strict=True)] == [
        ("a", "b"),
        ("odd", "rare"),
    ]
    assert frame["indistinguishability"].iloc[0] < frame["indistinguishability"].iloc[1]


def test_few_splits_carry_a_caution(tickets):
    frame = lq.class_confusions(tickets).frame
    assert (frame.loc[frame["n_items"] < 20, "caution"] != "").all()
    assert frame.iloc[0]["caution"] == ""


def test_pair_is_found_in_either_order_and_unknown_ones_are_named(tickets):
    found = lq.class_confusions(tickets)
    assert found.pair("refund", "billing")["n_items"] == 37
    with pytest.raises(lq.LabelqaError, match="did you mean 'refund'"):
        found.pair("billing", "refnd")


def test_results_are_json_safe_and_draw(tickets):
    import orjson

    found = lq.class_confusions(tickets)
    assert orjson.loads(orjson.dumps(found.to_dict()))["type"] == "ClassConfusions"
    assert found.plot().to_dict()["layer"]
    assert found.plot_map().to_dict()["layer"]
    assert lq.class_ambiguity(tickets).plot().to_dict()["layer"]


def test_each_class_is_summed_up_with_whom_it_is_confused(tickets):
    frame = lq.class_ambiguity(tickets).to_frame().set_index("class")
    assert frame.loc["billing", "confused_with"] == "refund"
    assert frame["share_of_disagreement"].sum() == pytest.approx(1)
    agreement = lq.class_agreement(tickets).to_frame().set_index("class")["disagreement"]
    assert frame["disagreement"].to_dict() == pytest.approx(agreement.to_dict())
    assert ((frame["low"] <= frame["disagreement"]) & (frame["disagreement"] <= frame["high"])).all()


def test_a_thousand_classes_are_feasible():
    rng = np.random.default_rng(0)
    truth = rng.integers(0, 1000, 20_000)
    labels = np.where(rng.random((20_000, 2)) < 0.1, rng.integers(0, 1000, (20_000, 2)), truth[:, None])
    near = truth < 2
    labels[near] = rng.integers(0, 2, (int(near.sum()), 2))
    found = lq.class_confusions(annotations_of(labels))
    assert [0, 1] in found.flagged[["class_a", "class_b"]].values.tolist()
    assert len(found.flagged) <= 3
