"""A consensus as a page: its headline, and whether its probabilities can be trusted."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest

import labelqa as lq
from labelqa.aggregation.calibration import calibration
from labelqa.annotations.table import Annotations
from labelqa.errors import ParameterError
from labelqa.report.answers.consensus import consensus_shown
from labelqa.report.blocks import Details, Points
from labelqa.report.build import build_report
from labelqa.report.sections.consensus import sure_share
from labelqa.report.sections.trust import trust
from labelqa.report.single import single_report
from tests.unit.report.crowd import crowd, crowd_frame


def hero(page: str) -> str:
    box = page[page.index('<div class="hero">') : page.index("</header>")]
    return " ".join(re.sub(r"<[^>]+>", " ", box).split())


def told(blocks) -> str:
    return " ".join(text for block in blocks if isinstance(block, Points) for text in block.items)


def checked(said: float, right: int, n: int):
    probabilities = np.tile([said, 1 - said], (n, 1))
    return calibration(probabilities, np.repeat([0, 1], [right, n - right]))


def test_the_headline_is_the_share_of_items_with_a_sure_label():
    data = crowd(60)
    found = lq.consensus(data)
    sure = int((found.quality >= 0.7).sum())
    page = hero(single_report(consensus_shown(found)).to_html())
    assert "undefined" not in page
    assert f"Items with a sure label {sure / 60:.0%} at least 70% sure" in page or "over 99%" in page
    assert str(sure) in page


def test_unsure_items_ask_for_one_more_label():
    wide = pd.DataFrame({"ann": list("xxxyyyxyxy"), "ben": list("xxxyyyxyyx")})
    found = lq.consensus(Annotations.from_wide(wide), "majority")
    shown = consensus_shown(found)
    assert shown.headline.big == "80%"
    assert shown.headline.statement == "8 of 10 items get a label that is at least 70% sure."
    assert shown.headline.verdict == "2 items are in doubt: let one more person label each of them."
    assert ("tied", "2") in shown.headline.facts


@pytest.mark.parametrize("view", ["to_html", "to_text", "to_markdown"])
def test_single_labels_are_counted_and_not_called_sure(view):
    found = lq.consensus(Annotations.from_wide(pd.DataFrame({"ann": list("xyxy"), "ben": [None] * 4})))
    text = getattr(single_report(consensus_shown(found)), view)()
    assert "4 items have one label each, and nothing says how sure it is" in text
    assert "undefined" not in re.sub(r"(?s)<style>.*?</style>", "", text)
    assert "70%" not in text


def test_probabilities_that_hold_are_taken_at_their_word():
    text = told(trust(checked(0.9, 90, 100)))
    assert "On 100 items with a known class, each judged without it, 90% of labels are right" in text
    assert "expected calibration error 0.000): they can be taken at their word" in text


@pytest.mark.parametrize(("said", "right", "words"), [(0.95, 600, "less often right"), (0.6, 950, "more often right")])
def test_probabilities_that_mislead_are_said_to(said, right, words):
    assert words in told(trust(checked(said, right, 1000)))


def test_an_error_that_chance_explains_is_not_called_one():
    assert "with so few items, that much comes about by chance" in told(trust(checked(0.8, 9, 12)))


def test_too_few_true_classes_give_the_reason():
    (points,) = trust(checked(0.8, 3, 4))
    assert "cannot be said: fewer than 10 items with a known class" in points.items[0]


def test_without_true_classes_nothing_is_said_of_trust():
    assert trust(None) == ()


@pytest.mark.parametrize("as_mapping", [False, True])
def test_the_full_report_says_how_far_probabilities_can_be_trusted(as_mapping):
    frame = crowd_frame(60)
    data = Annotations.from_frame(frame, item="item", annotator="annotator", label="label")
    gold = frame.dropna(subset=["gold"]).set_index("item")["gold"].to_dict() if as_mapping else "gold"
    section = next(s for s in build_report(data, gold=gold).sections if s.key == "consensus")
    assert "On 30 items with a known class" in told(section.blocks)
    assert any(isinstance(b, Details) and b.title.startswith("How sure") for b in section.blocks)


def test_true_classes_of_another_round_are_left_out_and_unknown_items_refused():
    frame = crowd_frame(60)
    rounds = frame.assign(round=np.where(frame["item"] < "t030", 1, 2))
    data = Annotations.from_frame(rounds, item="item", annotator="annotator", label="label", round="round")
    gold = frame.dropna(subset=["gold"]).set_index("item")["gold"].to_dict()
    section = next(s for s in build_report(data, gold=gold).sections if s.key == "consensus")
    assert "On 15 items with a known class" in told(section.blocks)
    with pytest.raises(ParameterError, match="nobody"):
        build_report(data, gold={"nobody": "billing"})


def test_one_item_is_not_called_all_items():
    found = lq.consensus(Annotations.from_wide(pd.DataFrame({"ann": ["x"], "ben": ["x"]})), "majority")
    assert consensus_shown(found).headline.statement == "The one item gets a label that is at least 70% sure."


@pytest.mark.parametrize(
    ("sure", "n", "text"),
    [(4, 1000, "under 1%"), (0, 9, "0%"), (996, 1000, "over 99%"), (1000, 1000, "100%")],
)
def test_a_share_is_none_or_all_only_where_it_is(sure, n, text):
    assert sure_share(sure, n) == text


def test_estimated_accuracy_is_not_called_the_share_of_consensus_labels():
    section = next(s for s in build_report(crowd(60)).sections if s.key == "consensus")
    table = next(b for b in section.blocks if getattr(b, "key", "") == "annotator_accuracy")
    assert table.title == "How often each annotator is right (estimated)"
    assert "not the share of labels that equal the label shown here" in section.how_to_read


def test_one_label_an_item_with_a_classifier_has_a_sure_share():
    rng = np.random.default_rng(0)
    truth = rng.integers(0, 2, 400)
    label = np.where(rng.random(400) < 0.8, truth, 1 - truth)
    long = pd.DataFrame({"item": range(400), "who": rng.integers(0, 5, 400), "label": label})
    data = Annotations.from_frame(long, item="item", annotator="who", label="label")
    said = np.where(truth[:, None] == [0, 1], 0.9, 0.1)
    assert consensus_shown(lq.consensus(data, pred_probs=said)).headline.coefficient_title == "Items with a sure label"
