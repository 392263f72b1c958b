"""Slices as a page of their own, and as a section of the report."""

from __future__ import annotations

import json
import re

import numpy as np
import pandas as pd
import pytest

import labelqa as lq
from labelqa.diagnosis.slice_decisions import NO_MODEL
from labelqa.report.answers.slice_remedies import remedies_section
from labelqa.report.answers.slices import metrics_shown, slices_shown
from labelqa.report.blocks import Figure, Points, Table, tables_in
from labelqa.report.sections import slices
from labelqa.report.single import single_report
from labelqa.results import as_number
from labelqa.slices.metrics import Roles

VIEWS = ["to_html", "to_text", "to_markdown"]


def rows(n: int = 400) -> pd.DataFrame:
    i = np.arange(n)
    return pd.DataFrame({"channel": np.where(i % 2, "chat", "mail"), "size": np.where(i // 2 % 2, "big", "small")})


def planted(rate: float = 1.0):
    """Return slices of errors in every second big chat, and in few other rows."""
    data = rows()
    i = np.arange(len(data))
    chosen = (data["channel"] == "chat") & (data["size"] == "big")
    error = np.where(chosen, i // 4 % 2, i % 37 == 0).astype(float)
    return lq.find_slices(data, rate * error)


def plain(page: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page).replace("\\", "").split())


def table(section, key: str) -> Table:
    return next(t for t in tables_in(section.blocks) if t.key == key)


@pytest.mark.parametrize("view", VIEWS)
def test_every_view_says_where_how_much_and_what_to_do(view):
    text = plain(getattr(single_report(slices_shown(planted(), basis=["Searched: all."])), view)())
    assert "1 kind of rows has more wrong predictions than the rest" in text
    assert "50% of predictions are wrong on 100 rows" in text
    assert "Searched: all." in text
    assert "Look at some wrong rows of each" in text


def test_the_headline_is_the_number_of_slices():
    headline = slices_shown(planted()).headline
    assert headline.big == "1"
    assert headline.below.startswith("of ")
    assert headline.verdict.startswith("Where channel = chat and size = big: ")


def test_the_table_has_rates_with_intervals_and_all_numbers():
    found = planted()
    shown = table(slices.section(found), "slices")
    assert [c.kind for c in shown.columns] == ["text", "count", "percent", "percent", "text", "count"]
    assert {"support", "lift", "p_value", "shrunk"} <= set(shown.rows)
    assert table(slices.section(found), "slice_numbers").rows["p"].tolist() == ["<0.001"]
    assert shown.rows["difference"].str.contains(r"^4\d points \(\d+ to \d+\)$").all()


def test_the_picture_is_drawn():
    figure = next(b for b in slices.section(planted()).blocks if isinstance(b, Figure))
    assert figure.draw().to_dict()["layer"]
    assert "channel = chat and size = big" in figure.alt


def test_real_valued_errors_are_numbers_and_not_percent():
    section = slices.section(planted(2.5), slices.ERRORS)
    assert "the mean error is 1.25" in section.lead
    assert [c.kind for c in table(section, "slices").columns] == ["text", "count", "number", "number", "estimate"]


def test_nothing_found_says_what_came_closest():
    found = lq.find_slices(rows(), (np.arange(400) % 9 == 0).astype(float))
    shown = slices_shown(found)
    assert "No kind of rows stands out" in shown.headline.statement
    assert "Closest" in shown.headline.statement
    assert shown.headline.big == "0"
    assert not tables_in(shown.section.blocks)


@pytest.mark.parametrize("view", VIEWS)
def test_nothing_to_search_says_why(view):
    shown = slices_shown(lq.find_slices(rows(), np.zeros(400)))
    assert shown.headline.big == "?"
    text = plain(getattr(single_report(shown), view)())
    assert "There is nothing to search: the error is 0 in all 400 rows." in text
    assert "nan" not in text


def test_columns_that_were_not_searched_are_named():
    data = rows().assign(code=[f"id{i}" for i in range(400)])
    found = lq.find_slices(data, planted().mask(0).astype(float))
    text = single_report(slices_shown(found)).to_markdown()
    assert "Columns that were not searched" in text
    assert "code: an identifier" in plain(text)


def test_with_a_half_held_out_the_table_says_whose_rates_these_are():
    n = 100_002
    data = pd.DataFrame({"x": np.arange(n) % 5})
    rng = np.random.default_rng(0)
    found = lq.find_slices(data.astype(str), (rng.random(n) < np.where(data["x"] == 3, 0.4, 0.1)).astype(float))
    assert found.method == "hold_out"
    section = slices.section(found)
    assert "took no part in finding" in table(section, "slices").note
    assert "the worst was picked" not in section.how_to_read


def judged() -> pd.DataFrame:
    data = rows()
    label = pd.Series(np.where(np.arange(400) % 3, "x", "y"))
    wrong = (data["channel"] == "chat") & (np.arange(400) % 8 == 1)
    return data.assign(label=label, predicted=label.where(~wrong, "z"), loss=wrong * 2.5)


@pytest.mark.parametrize("view", VIEWS)
def test_metrics_lead_with_the_whole_and_the_worst(view):
    found = lq.slice_metrics(judged(), by=["channel", "size"], metrics=["accuracy", "recall"])
    text = plain(getattr(single_report(metrics_shown(found)), view)())
    assert "Accuracy is 88% (84% to 90%) on 400 rows." in text
    assert "Lowest of 4 slices: channel = chat and size = small with 50%" in text


def test_metrics_of_classes_are_one_click_away():
    found = lq.slice_metrics(judged(), by="channel", metrics=["accuracy", "recall"])
    section = metrics_shown(found).section
    assert [t.key for t in tables_in(section.blocks)] == ["slice_accuracy", "slice_recall"]
    assert "class" in {c.key for c in table(section, "slice_recall").columns}
    assert table(section, "slice_accuracy").rows["slice"].tolist()[0] == "all rows"


def test_a_mean_is_worst_where_it_is_highest():
    found = lq.slice_metrics(judged(), by="channel", metrics=["loss"])
    shown = metrics_shown(found)
    assert shown.headline.verdict.startswith("Highest of 2 slices: channel = chat with 0.625")
    figure = next(b for b in shown.section.blocks if isinstance(b, Figure))
    assert figure.draw().to_dict()["layer"]


def test_one_slice_only_says_so():
    found = lq.slice_metrics(judged().assign(same="s"), by="same", roles=Roles())
    shown = metrics_shown(found)
    assert shown.headline.verdict == "There is only one slice: nothing can be compared."
    assert not any(isinstance(b, Figure) for b in shown.section.blocks)


def disputed(n: int, *, split: str = "cafe", columns: bool = True) -> lq.Annotations:
    """Return labels of two people who split on every second item recorded in a café."""
    i = pd.Series(range(n))
    ann = pd.DataFrame(
        {"item": i, "who": "ann", "label": np.where(i % 3, "x", "y"), "noise": ["car", "cafe"] * (n // 2)}
    )
    odd = (ann["noise"] == split) & (i // 2 % 2 == 0)
    ben = ann.assign(who="ben", label=ann["label"].where(~odd, "z"))
    both = pd.concat([ann, ben])
    kept = both if columns else both.drop(columns="noise")
    return lq.Annotations.from_frame(kept, item="item", annotator="who", label="label")


def test_the_report_says_where_people_disagree():
    report = lq.build_report(disputed(120))
    section = next(s for s in report.sections if s.key == "slices")
    assert section.title == "On which items do people disagree most?"
    assert "Where noise = cafe: 50% of label pairs split on 60 items, 0% elsewhere." in section.lead
    found = json.loads(report.to_json())["tables"]
    assert found["slices"][0]["predicates"] == "noise = cafe"
    assert "slice_numbers" in found
    assert "noise = cafe" in report.to_text()
    assert "noise = cafe" in report.to_html()


@pytest.mark.parametrize(
    "annotations",
    [disputed(120, columns=False), disputed(120, split="nowhere"), disputed(40)],
    ids=["no columns", "nothing found", "few items"],
)
def test_the_report_has_no_such_section_where_nothing_is_to_say(annotations):
    assert "slices" not in {s.key for s in lq.build_report(annotations).sections}


def test_half_characters_in_item_columns_stop_neither_search_nor_report():
    frame = disputed(120).to_frame()
    frame["noise"] = pd.Series(["a\ud83d" if v == "cafe" else "b" for v in frame["noise"]], dtype=object)
    both = lq.Annotations.from_frame(frame, item="item", annotator="annotator", label="label")
    assert lq.disagreement_slices(both).to_frame()["predicates"].tolist() == ["noise = a\\ud83d"]
    report = lq.build_report(both)
    assert "slices" in {s.key for s in report.sections}
    assert report.to_html().encode()


def test_losses_keep_intervals_that_reach_below_minus_one():
    data = rows(80)
    rng = np.random.default_rng(1)
    loss = np.where(data["channel"] == "chat", 300.0, 0.0) + rng.normal(0, 400, 80)
    found = lq.slice_metrics(data.assign(loss=loss - 100), by="channel", metrics=["loss"])
    assert found.frame["low"].min() < -10 < found.frame["estimate"].min() + 100
    low = as_number(float(found.frame["low"].min()))
    for view in VIEWS:
        assert low in plain(getattr(single_report(metrics_shown(found)), view)())


def test_remedies_are_named_by_the_share_of_resamples_that_decides():
    found = planted()
    label = np.where(found._held.error > 0, "x", "y")
    section = remedies_section(lq.diagnose_slices(found, label, ["y"] * 400))
    assert "the largest in 80% of resamples" in section.how_to_read


def test_what_is_missing_is_said_once_and_a_note_is_not_cut_in_two():
    rng = np.random.default_rng(0)
    stored = np.where(rng.random(400) < 0.5, "x", "y")
    chat = np.arange(400) % 2 == 1
    ben = np.where(chat & (rng.random(400) < 0.5), "z", stored)
    people = lq.Annotations.from_wide(pd.DataFrame({"ann": stored, "ben": ben}))
    found = lq.diagnose_slices({"chat": chat}, stored, np.where(chat, ben, stored), annotations=people)
    assert found.notes
    section = remedies_section(found, options={NO_MODEL: "--model"})
    points = [b for b in section.blocks if isinstance(b, Points) and b.title.startswith("What could not")]
    assert [p.items for p in points] == [(f"{NO_MODEL} (--model)",)]
