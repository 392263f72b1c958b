"""How consistent are the labels? The number in plain words, then where the disagreement sits."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import labelqa as lq
from labelqa import review
from tests.app.conftest import words_of
from tests.app.projects import hostile_project, label_round, support_labels, support_project

pytest.importorskip("streamlit", reason="the app extra (Streamlit) is not installed")

if TYPE_CHECKING:
    from streamlit.testing.v1 import AppTest

Open = Callable[..., "AppTest"]


def words(page: AppTest) -> str:
    """Return everything the page says, without the escapes of Markdown."""
    assert not page.exception, [e.value for e in page.exception]
    return words_of(page).replace("\\", "")


@pytest.fixture(scope="module")
def known() -> dict[object, object]:
    """Reports on labels that several tests look at."""
    return {}


@pytest.fixture(autouse=True)
def measured_once(monkeypatch: pytest.MonkeyPatch, known: dict[object, object]) -> None:
    """Measure the same labels once."""
    find = lq.build_report

    def once(data: lq.Annotations, **how: object) -> object:
        key = (tuple(data.items), data.label.tobytes(), data.annotator.tobytes(), repr(how))
        if key not in known:
            known[key] = find(data, **how)
        return known[key]

    monkeypatch.setattr(lq, "build_report", once)


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return support_project(tmp_path_factory.mktemp("measured"))


@pytest.fixture(scope="module")
def closed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return support_project(tmp_path_factory.mktemp("closed"), "closed")


def test_without_a_project_the_way_to_one_is_shown(open_view: Open) -> None:
    assert "There is no project yet" in words(open_view("consistency"))


def test_an_annotator_sees_no_result(open_view: Open, measured: Path) -> None:
    page = open_view("consistency", measured, who="ana")
    assert "for reviewers and leads" in words(page)
    assert not page.dataframe


def test_before_a_round_is_closed_the_page_says_what_is_missing(open_view: Open, tmp_path: Path) -> None:
    path = tmp_path / "new.db"
    items = support_items()
    with review.create_project(str(path), "new", actor="lea", classes=["bug", "wish"], items=items) as project:
        for name in ("ana", "bo"):
            review.put_person(project, name, "annotator", actor="lea")
        page = open_view("consistency", path)
        assert "Nothing was measured yet" in words(page)
        page.button(key="to_relabel").click().run()
        assert page.session_state["_went"] == {"page": "relabel"}
        review.design_round(project, ["ana", "bo"], {"fresh": 10}, actor="lea")
    assert "Round 1 is still open" in words(open_view("consistency", path))


def support_items():
    """Return items of which nobody said anything yet."""
    pandas = pytest.importorskip("pandas")
    return pandas.DataFrame({"item": [f"t{i}" for i in range(20)], "text": [f"ticket {i}" for i in range(20)]})


def test_page_and_report_say_the_same(open_view: Open, measured: Path) -> None:
    with review.open_project(str(measured)) as project:
        report = lq.build_report(review.visible_annotations(project, "rules", actor="lea", round=1))
    page = open_view("consistency", measured)
    said = words(page)
    assert report.headline.verdict in said
    assert f"{report.headline.low:.2f} to {report.headline.high:.2f}" in said
    assert page.metric[0].value == f"{report.headline.estimate:.2f}"
    assert next(s for s in report.sections if s.key == "agreement").lead in said
    classes = next(t.value for t in page.dataframe if "Share of all disagreement" in t.value)
    shares = classes["Share of all disagreement"].tolist()
    assert shares == sorted(shares, reverse=True)
    assert set(classes["Class"].head(2)) == {"refund", "billing"}
    assert "95% interval" in classes


def test_page_and_head_say_the_same_of_the_target(
    open_view: Open, measured: Path, closed: Path, tmp_path: Path
) -> None:
    assert "The target of 0.80 is not shown to be reached." in words(open_view("consistency", measured))
    assert "The target of 0.80 is judged on the latest round" in words(open_view("consistency", closed, round="1"))
    assert "The target" not in words(open_view("consistency", support_project(tmp_path, target=None)))


def test_each_view_is_kept_in_the_address(open_view: Open, measured: Path) -> None:
    people = words(open_view("consistency", measured, view="people"))
    assert "Who agrees with the others?" in people
    rounds = words(open_view("consistency", measured, view="rounds"))
    assert "There is one round so far" in rounds
    assert "What could mislead you" in words(open_view("consistency", measured, view="more"))
    page = open_view("consistency", measured, view="nonsense")
    assert "Which classes cause the disagreement?" in words(page)
    page.segmented_control(key="_view").set_value("people").run()
    assert page.query_params["view"] in ("people", ["people"])
    assert "Who agrees with the others?" in words(page)


def test_agreement_is_shown_by_what_is_known_of_items(open_view: Open, measured: Path) -> None:
    page = open_view("consistency", measured, view="kinds")
    assert "Agreement by channel" in words(page)
    assert page.selectbox(key="_by").options == ["channel"]
    groups = next(t.value for t in page.dataframe if "Items with" in t.value)
    assert set(groups["Items with"]) == {"mail", "chat"}
    page.button(key="to_slices").click().run()
    assert page.session_state["_went"] == {"page": "slices"}


def test_rounds_are_compared_and_chosen_in_the_address(open_view: Open, closed: Path) -> None:
    page = open_view("consistency", closed, view="rounds")
    assert "How did the rounds differ?" in words(page)
    assert page.selectbox(key="_round").value == 2
    page.selectbox(key="_round").set_value(1).run()
    assert page.query_params["round"] in ("1", ["1"])
    assert "How did the rounds differ?" in words(page)
    first = open_view("consistency", closed, round="1")
    assert "latest of 2 rounds" not in words(first)
    assert open_view("consistency", closed, round="99").selectbox(key="_round").value == 2


def test_a_round_of_held_out_items_only_shows_nothing(open_view: Open, tmp_path: Path) -> None:
    database = support_project(tmp_path, "revised")
    with review.open_project(str(database)) as project:
        review.design_round(project, ["ana", "bo"], {"held_out": 12}, actor="lea")
        label_round(project, 2)
        review.close_round(project, 2, actor="lea")
    page = open_view("consistency", database, round="2")
    assert "has no labels to show" in words(page)
    assert not page.dataframe


def test_numbers_stay_numbers_with_their_intervals_beside_them() -> None:
    import pandas as pd

    from labelqa.report.blocks import Column, Table
    from labelqa_app.tables import shown_table

    rows = pd.DataFrame(
        {"c": ["bug", "\0 <b>"], "alpha": [0.5, float("nan")], "low": [0.4, float("nan")], "high": [0.6, float("nan")],
         "why": [None, "only one item"], "share": [0.25, 0.125], "n": [1, 2]}
    )  # fmt: skip
    columns = (
        Column(key="c", title="Class"),
        Column(key="alpha", title="Alpha (95% interval)", kind="estimate", reason="why"),
        Column(key="share", title="Share", kind="percent"),
        Column(key="n", title="Items", kind="count"),
    )
    shown, config = shown_table(Table(key="t", title="", columns=columns, rows=rows), rows)
    assert shown["95% interval"].tolist() == ["0.400 to 0.600", "only one item"]
    assert shown["Share"].tolist() == [25.0, 12.5]
    assert shown["Class"][1] == "\\x00 <b>"
    assert config["Items"]["help"] is not None or "help" in config["Items"]


def test_charts_follow_a_dark_page() -> None:
    from labelqa_app.dark import recoloured

    assert recoloured({"axis": {"labelColor": "#1b2733"}, "data": ["#0b62a4", 1]}) == {
        "axis": {"labelColor": "#e4e9ee"},
        "data": ["#6cb4f0", 1],
    }


def test_hostile_names_are_shown_letter_by_letter(open_view: Open, tmp_path: Path) -> None:
    database = hostile_project(tmp_path)
    for view in ("classes", "people", "kinds", "more"):
        page = open_view("consistency", database, view=view)
        assert not page.exception
        assert not [m.value for m in page.markdown if "<b>a</b>" in m.value or "**c**" in m.value]
        assert "<script>" not in "\n".join(e.proto.body for e in page.get("html"))


def test_it_is_said_how_many_items_are_held_out_and_not_counted(open_view: Open, measured: Path) -> None:
    assert "items are held out for the proof and not counted here" in words(open_view("consistency", measured))


@pytest.mark.parametrize(("reached", "said"), [(True, "is reached, as"), (False, "is not shown to be reached, as")])
def test_what_the_proof_said_of_the_target_counts_and_not_the_interval(reached: bool, said: str) -> None:
    from labelqa.review.standing import Facts
    from labelqa_app.views.consistency import _target

    low = 0.7 if reached else 0.9
    facts = Facts(n_items=9, closed=(1, 2), estimate=0.92, low=low, target=0.8, reached=reached)
    assert said in _target(facts, 2)
    assert "judged on the latest round" in _target(facts, 1)


def project_of(path: Path, frame: object, level: str = "nominal") -> Path:
    """Make a project of lea from labels, one row a label, with no item held out."""
    data = lq.Annotations.from_frame(frame, item="item", annotator="annotator", label="label", level=level)
    how = review.ProjectSettings(held_out=0, target=0.8)
    review.create_project(str(path), "made", actor="lea", annotations=data, settings=how).close()
    return path


def test_one_annotator_could_not_disagree_and_no_view_says_that_nobody_did(open_view: Open, tmp_path: Path) -> None:
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame({"item": range(20), "annotator": "ana", "label": ["a", "b"] * 10})
    path = project_of(tmp_path / "alone.db", frame)
    for view in ("classes", "people", "kinds", "more"):
        said = words(open_view("consistency", path, view=view))
        assert "obody disagreed" not in said
        assert "1 annotator ·" in said
        assert "whether it is reached cannot be said" in said


def test_numbers_are_measured_as_numbers_in_every_view(open_view: Open, tmp_path: Path) -> None:
    pandas = pytest.importorskip("pandas")
    rows = [(f"i{i}", who, 1 + (i + (who == "bo" and i % 4 == 0)) % 5) for i in range(60) for who in ("ana", "bo")]
    frame = pandas.DataFrame(rows, columns=["item", "annotator", "label"])
    path = project_of(tmp_path / "scores.db", frame, "interval")
    data = lq.Annotations.from_frame(frame, item="item", annotator="annotator", label="label", level="interval")
    for view in ("classes", "people", "kinds", "more"):
        page = open_view("consistency", path, view=view)
        assert page.metric[0].value == f"{lq.agreement(data, weights='interval').estimate:.2f}"
        assert "--level" not in words(page)


def test_without_a_text_or_anything_known_of_items_the_page_says_what_is_missing(
    open_view: Open, tmp_path: Path
) -> None:
    rows = support_labels(60)[["item", "annotator", "label"]]
    said = words(open_view("consistency", project_of(tmp_path / "bare.db", rows), view="kinds"))
    assert "Nothing is known of the items that would sort them into groups" in said
