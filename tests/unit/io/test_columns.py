"""Layout and columns are found by name and by content, and not guessed where they are not clear."""

from __future__ import annotations

import pandas as pd
import pytest

from labelqa.annotations.readlog import ReadLog
from labelqa.errors import ColumnError
from labelqa.io.read import read_annotations
from tests.unit.io.tables import CLASSES, long, per_item, per_row, wide

YES_NO = ("yes", "no")
RATINGS = ("1", "2", "3", "4", "5")
PEOPLE = {"ana": ("US", 31, "f"), "ben": ("UK", 44, "m"), "cem": ("US", 27, "m")}


def found(frame: pd.DataFrame, **kwargs: object) -> ReadLog:
    return read_annotations(frame, on_duplicate="first", **kwargs).read_log  # type: ignore[arg-type]


def long_columns(frame: pd.DataFrame) -> tuple[str, ...]:
    log = found(frame)
    assert log.layout == "long"
    return tuple(str(log.mapping[role]) for role in ("item", "annotator", "label"))


def wide_columns(frame: pd.DataFrame) -> tuple[str | None, list[str]]:
    log = found(frame)
    assert log.layout == "wide"
    item = log.mapping.get("item")
    return (None if item is None else str(item)), list(log.mapping["annotators"])


@pytest.mark.parametrize(
    "names",
    [
        "task worker label", "orig_id !amt_worker_ids response", "TaskID WorkerID Label", "question worker answer",
        "Unit Rater Category", "text_id annotator_name final_label",
        "document coder code", "subject rater rating", "instance_id user score", "itemid raterid class",
        "ItemCode Coder_Initials Code", "tweet_id annotated_by stance", "example judge verdict",
        "sentence performer value", "ID Reviewer Decision", "unit_id labeler_id class_name",
        "comment_id user_id judgement", "image annotator category_id", "hit_id turker vote",
        "filename radiologist diagnosis", "doc person choice", "rev_id worker_id toxicity",
        "stimulus participant response", "observation_id observer species", "Bild Kodierer Kategorie", "id who tag",
        "case_no expert_id finding", "node student grade", "sample lab result", "a b c", "x1 x2 x3",
    ],
)  # fmt: skip
def test_columns_are_found_under_the_names_of_the_field(names: str):
    item, annotator, label = names.split()
    assert long_columns(long(item, annotator, label)) == (item, annotator, label)


@pytest.mark.parametrize("order", [["label", "annotator", "item"], ["annotator", "label", "item"]])
def test_the_order_of_columns_does_not_matter(order: list[str]):
    assert long_columns(long()[order]) == ("item", "annotator", "label")


def test_columns_without_telling_names_are_found_by_content():
    frame = long("a", "b", "c", n_items=100)
    frame = frame.apply(lambda column: pd.factorize(column)[0])
    assert long_columns(frame) == ("a", "b", "c")
    many = long("p", "q", "r", annotators=[f"w{i}" for i in range(20)], n_items=100, classes=("0", "1"))
    assert long_columns(many.sample(frac=0.25, random_state=1)) == ("p", "q", "r")


@pytest.mark.parametrize(
    "name", ["gold", "gold_label", "goldLabel", "true_label", "GroundTruth", "expected_label", "label_gold", "gt_class"]
)
def test_the_truth_is_never_the_label(name: str):
    frame = long("id", "rater", "topic")
    frame[name] = per_item(frame, "id", CLASSES)
    assert long_columns(frame) == ("id", "rater", "topic")
    assert name in read_annotations(frame).item_data


def test_item_metadata_that_look_like_labels_stay_item_columns():
    frame = long()
    frame["channel"] = per_item(frame, "item", ["mail", "chat"])
    frame["topic"] = per_item(frame, "item", CLASSES)
    frame["verified"] = per_item(frame, "item", YES_NO)
    assert long_columns(frame) == ("item", "annotator", "label")
    assert list(read_annotations(frame).item_data) == ["channel", "topic", "verified"]


def test_metadata_of_annotators_are_neither_annotator_nor_label():
    frame = long("instance_id", "user_id", "offensiveness", classes=RATINGS)
    for i, name in enumerate(["country", "age", "gender"]):
        frame[name] = frame["user_id"].map({who: facts[i] for who, facts in PEOPLE.items()})
    assert long_columns(frame) == ("instance_id", "user_id", "offensiveness")


def test_confidence_and_notes_beside_the_label_are_not_the_label():
    frame = long("item", "annotator", "defect")
    frame["confidence"] = per_row(frame, ["low", "high"])
    frame["notes"] = per_row(frame, ["", "see page 3", "not sure about this one"])
    assert long_columns(frame) == ("item", "annotator", "defect")


def test_the_author_of_a_text_is_not_the_annotator():
    frame = long("tweet_id", "annotator", "label")
    frame["user"] = per_item(frame, "tweet_id", ["@a", "@b", "@c", "@d"])
    assert long_columns(frame) == ("tweet_id", "annotator", "label")


def test_a_number_for_each_row_is_not_the_item():
    frame = long()
    frame.insert(0, "id", range(1, len(frame) + 1))
    frame["annotation_id"] = range(7000, 7000 + len(frame))
    assert long_columns(frame) == ("item", "annotator", "label")


def test_the_text_is_the_item_where_ids_number_the_rows():
    frame = long("text")
    frame["text"] = ["A sentence that tells of " + t + " in some words" for t in frame["text"]]
    frame.insert(0, "id", range(1, len(frame) + 1))
    assert long_columns(frame) == ("text", "annotator", "label")


def test_an_id_is_preferred_to_the_text_it_stands_for():
    frame = long("x", "y", "z")
    frame["text"] = ["A sentence that tells of " + t + " in some words" for t in frame["x"]]
    assert long_columns(frame) == ("x", "y", "z")


def test_two_spellings_of_one_label_are_not_ambiguous():
    frame = long("image_filename", "annotator_id", "chosen_category")
    frame["chosen_label"] = frame["chosen_category"].map({c: i for i, c in enumerate(CLASSES)})
    frame["true_category"] = per_item(frame, "image_filename", CLASSES)
    frame["correct_guess"] = (frame["true_category"] == frame["chosen_category"]).astype(int)
    frame["trial_index"] = range(len(frame))
    frame["reaction_time"] = per_row(frame, list(range(500, 3000, 7)))
    assert long_columns(frame) == ("image_filename", "annotator_id", "chosen_category")


def test_an_export_of_a_crowd_platform_is_understood():
    frame = long("_unit_id", "_worker_id", "sentiment")
    frame["_id"] = range(9000, 9000 + len(frame))
    frame["_golden"] = "FALSE"
    frame["_trust"] = frame["_worker_id"].map({"ana": 0.91, "ben": 0.77, "cem": 0.8})
    frame["_country"] = frame["_worker_id"].map({who: facts[0] for who, facts in PEOPLE.items()})
    frame["_started_at"] = [f"1/2/2015 10:11:{i % 60:02d}" for i in range(len(frame))]
    frame["sentiment_gold"] = per_item(frame, "_unit_id", CLASSES)
    frame["text"] = ["tweet number " + i + " with some words" for i in frame["_unit_id"]]
    assert long_columns(frame) == ("_unit_id", "_worker_id", "sentiment")


def test_more_annotators_than_items_are_fine():
    assert long_columns(long(annotators=[f"w{i}" for i in range(200)], n_items=8)) == ("item", "annotator", "label")


def test_single_labeled_items_one_annotator_and_one_class_are_legal():
    single = long()
    single["item"] = range(len(single))
    assert long_columns(single) == ("item", "annotator", "label")
    assert long_columns(long(annotators=["ana"])) == ("item", "annotator", "label")
    assert long_columns(long(classes=["only"])) == ("item", "annotator", "label")


def test_round_time_and_duration_are_found():
    frame = pd.concat([long().assign(round=2), long(seed=2).assign(round=1)])
    frame["created_at"] = [f"2024-01-{i % 28 + 1:02d}T10:00:00" for i in range(len(frame))]
    frame["lead_time"] = per_row(frame, [1.5, 2.5, 30.0])
    mapping = found(frame).mapping
    assert (mapping["round"], mapping["timestamp"], mapping["duration"]) == ("round", "created_at", "lead_time")
    assert list(read_annotations(frame).rounds) == [1, 2]


def test_a_phase_is_a_round_only_where_it_tells_labels_apart():
    both = pd.concat([long().assign(phase="p1"), long(seed=2).assign(phase="p2")])
    assert found(both).mapping["round"] == "phase"
    frame = long()
    frame["phase"] = per_item(frame, "item", ["I", "II"])
    frame["pass"] = per_row(frame, YES_NO)
    assert "round" not in found(frame).mapping


@pytest.mark.parametrize(
    "columns",
    [
        ["ann_1", "ann_2"], ["alice", "bob", "carol"], ["r1", "r2", "r3"], ["Reviewer A", "Reviewer B"],
        ["label1", "label2", "label3"], ["Expert", "Amateur_0", "Amateur_1"], ["label_alice", "label_bob"],
        ["alice_label", "bob_label"], ["Coder", "Coder 2"], ["Include (AB)", "Include (CD)"], ["j1", "j2", "j3"],
        ["1", "2", "3"], ["annotator1_label", "annotator2_label"], ["Rater1", "Rater2"], ["A", "B", "C"],
    ],
)  # fmt: skip
@pytest.mark.parametrize("classes", [CLASSES, YES_NO, RATINGS, ("0", "1")])
def test_wide_tables_are_found_by_their_shared_vocabulary(columns: list[str], classes: tuple[str, ...]):
    frame = wide(columns, classes=classes)
    frame["text"] = ["A text that tells of " + i + " in some words" for i in frame["id"]]
    frame["channel"] = per_item(frame, "id", ["mail", "chat"])
    frame["n_words"] = per_row(frame, list(range(30, 400)))
    assert wide_columns(frame) == ("id", columns)


@pytest.mark.parametrize("name", ["gold", "consensus", "majority_vote", "model_prediction", "final_truth"])
def test_truth_and_consensus_are_no_annotators(name: str):
    frame = wide(["alice", "bob"])
    frame[name] = per_row(frame, CLASSES)
    assert wide_columns(frame) == ("id", ["alice", "bob"])


def test_flags_of_the_item_are_no_annotators_though_they_share_the_vocabulary():
    frame = wide(["alice", "bob", "carol"], classes=YES_NO)
    frame["is_urgent"] = per_row(frame, YES_NO)
    frame["has_image"] = per_row(frame, YES_NO, seed=6)
    log = found(frame)
    assert log.mapping["annotators"] == ("alice", "bob", "carol")
    assert any("is_urgent, has_image" in note for note in log.notes)


def test_thousands_of_feature_columns_are_no_annotators():
    frame = wide(["ann_1", "ann_2"])
    features = {f"f_{k}": per_row(frame, range(5), seed=k) for k in range(2000)}
    frame = pd.concat([frame, pd.DataFrame(features)], axis=1)
    assert wide_columns(frame) == ("id", ["ann_1", "ann_2"])


def test_a_wide_table_without_items_numbers_its_rows():
    frame = wide(["alice", "bob"], item=None)
    frame["text"] = [f"A text with the number {i} in it" for i in range(len(frame))]
    log = found(frame)
    assert "item" not in log.mapping
    assert "no column names the items: they are numbered in the order of the rows, from 0" in log.notes


def test_a_wide_table_may_have_rounds():
    frame = pd.concat([wide(["alice", "bob"]).assign(round="r10"), wide(["alice", "bob"], seed=2).assign(round="r2")])
    table = read_annotations(frame)
    assert list(table.rounds) == ["r2", "r10"]
    assert len(table) == 120


def test_a_pivot_with_items_in_its_index_is_read():
    frame = long().pivot(index="item", columns="annotator", values="label")
    assert wide_columns(frame) == ("item", ["ana", "ben", "cem"])


def test_named_columns_are_taken_at_their_word():
    frame = long("item", "annotator", "label").assign(mood=per_row(long(), YES_NO))
    mapping = found(frame, label="mood", item="item", annotator="annotator").mapping
    assert (mapping["item"], mapping["annotator"], mapping["label"]) == ("item", "annotator", "mood")
    assert found(frame, label="mood").mapping["label"] == "mood"
    chosen = found(wide(["alice", "bob", "carol"]), annotator=["carol", "alice"])
    assert chosen.mapping["annotators"] == ("carol", "alice")


def test_a_question_is_chosen_by_its_column_or_by_its_value():
    frame = long("item", "annotator", "tone").assign(topic=per_row(long(), YES_NO))
    assert found(frame, question="topic").mapping["label"] == "topic"
    tall = pd.concat([long().assign(question="tone"), long(seed=2, classes=YES_NO).assign(question="topic")])
    table = read_annotations(tall, question="topic")
    assert set(table.schema.classes) == set(YES_NO)
    assert table.read_log.set_aside[0].count == 90


def test_two_possible_labels_are_an_error_that_shows_both():
    frame = long("rev_id", "worker_id", "toxicity", classes=("0", "1"))
    frame["toxicity_score"] = per_row(frame, [-2, -1, 0, 1, 2])
    with pytest.raises(ColumnError, match=r"2 columns could be the label: .*'toxicity.*--label") as caught:
        read_annotations(frame)
    assert caught.value.problem.parameter == "label"
    assert "rev_id ('i000', 'i001')" in str(caught.value)


def test_one_column_a_class_is_not_one_column_an_annotator():
    frame = long("id", "rater_id", "anger", classes=("0", "1"))
    for seed, name in enumerate(["joy", "fear", "love"]):
        frame[name] = per_row(frame, ["0", "0", "1"], seed=seed)
    with pytest.raises(ColumnError, match="could be the label"):
        read_annotations(frame)


@pytest.mark.parametrize("extra", [{}, {"pred": CLASSES}, {"gold": CLASSES}])
def test_a_data_set_without_annotators_is_not_guessed_to_have_some(extra: dict[str, tuple[str, ...]]):
    frame = pd.DataFrame({"id": range(20), "text": [f"text {i} of the many that there are" for i in range(20)]})
    frame["label"] = per_row(frame, CLASSES)
    frame = frame.assign(**{name: per_row(frame, values) for name, values in extra.items()})
    with pytest.raises(ColumnError, match=r"which column holds the annotator; recognised item='id', label='label'"):
        read_annotations(frame)


def test_one_row_an_annotator_is_said_to_be_the_wrong_way_round():
    frame = pd.DataFrame({"rater": [f"r{i}" for i in range(10)]})
    frame = frame.assign(**{f"item{k}": per_row(frame, range(1, 6), seed=k) for k in range(6)})
    with pytest.raises(ColumnError, match="Turn the table"):
        read_annotations(frame)


def test_sliders_and_ratings_on_a_scale_are_labels():
    slider = long("orig_id", "!amt_worker_ids", "anger", classes=[str(i) for i in range(101)], n_items=60)
    assert long_columns(slider) == ("orig_id", "!amt_worker_ids", "anger")
    few = wide(["ana", "ben", "cem"], classes=RATINGS, n_items=8)
    few["id"] = range(1, 9)
    assert wide_columns(few) == ("id", ["ana", "ben", "cem"])


def test_many_annotators_with_few_labels_each_are_found():
    people = [f"W{i:03d}XZ" for i in range(40)]
    frame = wide(people, item="tid", n_items=60)
    hidden = frame[people].where([[(i * 7 + j * 13) % 10 == 0 for j in range(40)] for i in range(60)])
    assert wide_columns(hidden.assign(tid=frame["tid"])) == ("tid", people)


@pytest.mark.parametrize("columns", [["human", "gpt-4", "claude"], ["human_label", "gpt4_label"]])
def test_models_may_be_annotators(columns: list[str]):
    assert wide_columns(wide(columns)) == ("id", columns)
    assert long_columns(long("item_id", "model", "label")) == ("item_id", "model", "label")


def test_an_annotator_who_always_says_the_same_is_still_one():
    frame = wide(["ana", "ben"])
    frame["ben"] = "sport"
    assert wide_columns(frame) == ("id", ["ana", "ben"])


def test_whether_two_annotators_agreed_is_no_annotator():
    frame = wide(["Ana", "Ben"], item="Item", classes=YES_NO)
    frame["Agreed?"] = (frame["Ana"] == frame["Ben"]).map({True: "yes", False: "no"})
    assert wide_columns(frame) == ("Item", ["Ana", "Ben"])


def test_votes_per_class_are_not_annotators():
    frame = pd.DataFrame({"id": range(12), "given": [i % 3 for i in range(12)]})
    frame["mt_yes"] = [i % 6 for i in range(12)]
    frame["mt_no"] = 5 - frame["mt_yes"]
    with pytest.raises(ColumnError, match="'mt_yes', 'mt_no' look like votes per class"):
        read_annotations(frame)


@pytest.mark.parametrize("columns", [["alice", "bob", "carol"], ["kim_v1", "lee_v1"], ["ann_1", "ann_2"]])
@pytest.mark.parametrize("name", ["stars", "confidence", "difficulty", "split", "label", "rating", "Text", "severity"])
def test_words_for_things_beside_names_of_people_are_no_annotators(columns: list[str], name: str):
    frame = wide(columns, classes=RATINGS)
    frame[name] = per_row(frame, RATINGS)
    assert wide_columns(frame) == ("id", columns)


def test_a_column_without_the_word_that_the_others_share_is_no_annotator():
    frame = wide(["kim_v1", "lee_v1", "max_v1"], classes=YES_NO)
    frame["toxic"] = per_row(frame, YES_NO)
    log = found(frame)
    assert log.mapping["annotators"] == ("kim_v1", "lee_v1", "max_v1")
    assert any(n.startswith("columns that look alike but were not taken for annotators: toxic") for n in log.notes)


@pytest.mark.parametrize(
    "columns", [["anna_k", "anna_m", "ben_s"], ["human_1", "human_2", "gpt"], ["Expert", "Amateur_0", "Amateur_1"]]
)
def test_people_who_share_a_word_do_not_push_others_out(columns: list[str]):
    assert wide_columns(wide(columns)) == ("id", columns)


def test_things_are_taken_for_annotators_only_with_a_note_and_where_nobody_else_is_there():
    log = found(wide(["toxic", "severe_toxic", "obscene"], classes=("0", "1")))
    assert log.notes[0] == (
        "which columns are annotators was decided by content: check that these are people: toxic, severe_toxic, "
        "obscene; name the annotators' columns if not"
    )


def test_what_names_or_the_user_decide_needs_no_such_note():
    logs = [found(wide(["rater 1", "rater 2"])), found(wide(["x", "y"]), annotator=["x", "y"]), found(long())]
    logs.append(found(long("a", "b", "c"), annotator="b"))
    assert not any("decided by content" in note for log in logs for note in log.notes)


def test_an_annotator_column_found_by_content_is_noted():
    assert found(long("a", "b", "c")).notes[0] == (
        "which column holds the annotator was decided by content: check that 'b' names people; name the "
        "annotator column if not"
    )


def test_plain_names_are_believed_in_a_table_so_small_that_its_values_say_nothing():
    frame = pd.DataFrame({"item": [1, 1, 2], "annotator": ["ana", "ana", "ben"], "label": ["x", "y", "x"]})
    assert long_columns(frame) == ("item", "annotator", "label")


def test_a_column_of_lists_beside_the_labels_is_in_nobodys_way():
    frame = long().assign(tokens=[["a", "b"]] * 90)
    assert long_columns(frame) == ("item", "annotator", "label")


def test_a_numbered_rater_who_uses_other_labels_than_the_rest_is_still_a_rater(tmp_path):
    path = tmp_path / "w.csv"
    rows = ["i0;a;a;a", "i1;b;b;b", "i2;a;a;c", "i3;a;a;c", "i4;a;a;c"]
    path.write_text("item;rater_1;rater_2;rater_3\n" + "\n".join(rows) + "\n", encoding="utf-8")
    assert read_annotations(path).annotators.tolist() == ["rater_1", "rater_2", "rater_3"]
