"""The page, run without a browser."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import labelqa as lq

if TYPE_CHECKING:
    from streamlit.testing.v1 import AppTest

Open = Callable[..., "AppTest"]


def words(page: AppTest) -> str:
    """Return everything the page says outside of tables."""
    return "\n".join(
        str(e.value) for kind in ("title", "markdown", "caption", "text", "info", "warning") for e in page.get(kind)
    )


def complaint(page: AppTest) -> str:
    """Return the text of the error box and of the message below it."""
    assert not page.exception, [e.value for e in page.exception]
    return "\n".join(str(e.value) for kind in ("error", "code") for e in page.get(kind))


def test_without_a_file_the_page_says_what_it_is_and_asks_for_one(open_page: Open) -> None:
    page = open_page()
    assert not page.exception
    assert page.title[0].value == "labelqa"
    assert "Are your labels consistent?" in words(page)
    assert len(page.file_uploader) == 1
    assert not page.metric


def test_a_file_named_at_the_start_is_measured(open_page: Open, fleiss_file: Path) -> None:
    page = open_page(str(fleiss_file))
    assert not page.exception
    headline = lq.build_report(lq.read_annotations(fleiss_file)).headline
    assert page.metric[0].label == "Krippendorff's alpha"
    assert page.metric[0].value == f"{headline.estimate:.2f}"
    assert "180 labels" in words(page)
    assert headline.verdict in words(page).replace("\\", "")
    assert headline.statement in words(page).replace("\\", "")


def test_classes_are_listed_from_the_least_agreement(open_page: Open, fleiss_file: Path) -> None:
    table = open_page(str(fleiss_file)).dataframe[0].value
    assert list(table.columns)[:2] == ["Class", "Krippendorff's alpha"]
    assert table["Krippendorff's alpha"].is_monotonic_increasing
    assert len(table) == 5


def test_coefficients_are_called_by_their_names_and_not_by_those_of_the_code(
    open_page: Open, fleiss_file: Path
) -> None:
    table = open_page(str(fleiss_file)).dataframe[1].value
    assert "Fleiss' kappa" in set(table["Coefficient"])
    assert (
        not table.astype(str)
        .apply(lambda column: column.str.contains("_kappa|_alpha"))
        .drop(columns="Why undefined")
        .to_numpy()
        .any()
    )


def test_decisions_made_while_reading_are_shown(open_page: Open, tmp_path: Path) -> None:
    file = tmp_path / "spelled.csv"
    file.write_text("item,annotator,label\n1,birch,Spam\n1,cedar,spam\n2,birch,ham\n2,cedar,ham\n", encoding="utf-8")
    notes = lq.read_annotations(file).read_log.notes
    assert notes
    assert [str(box.value).replace("\\", "") for box in open_page(str(file)).info] == [
        f"**Please check:** {note}" for note in notes
    ]


def test_the_latest_round_is_shown_and_another_can_be_chosen(open_page: Open, tickets_file: Path) -> None:
    page = open_page(str(tickets_file))
    annotations = lq.read_annotations(tickets_file)
    shown = {}
    for name in ("2", "1"):
        page.selectbox[0].set_value(name)
        page.run()
        shown[name] = page.metric[0].value
    expected = {name: f"{lq.agreement(annotations.where(round=name)).estimate:.2f}" for name in ("2", "1")}
    assert open_page(str(tickets_file)).metric[0].value == expected["2"]
    assert shown == expected


def test_an_uploaded_file_is_measured(open_page: Open, fleiss_file: Path) -> None:
    page = open_page()
    page.file_uploader[0].set_value(("fleiss_1971.csv", fleiss_file.read_bytes(), "text/csv")).run()
    assert not page.exception
    assert page.metric[0].value == "0.43"


def test_an_uploaded_file_takes_the_place_of_the_one_named_at_the_start(
    open_page: Open, fleiss_file: Path, tickets_file: Path
) -> None:
    page = open_page(str(tickets_file))
    page.file_uploader[0].set_value(("fleiss_1971.csv", fleiss_file.read_bytes(), "text/csv")).run()
    assert "180 labels" in words(page)


@pytest.mark.parametrize(
    "content", [b"", b"just one column\n1\n2\n", bytes(range(256)) * 8], ids=["empty", "1-col", "binary"]
)
def test_a_bad_upload_gets_the_message_of_the_library_and_no_traceback(open_page: Open, content: bytes) -> None:
    page = open_page()
    page.file_uploader[0].set_value(("labels.csv", content, "text/csv")).run()
    assert "cannot be used" in complaint(page)
    assert "labels.csv" in page.code[0].value
    assert "Traceback" not in complaint(page)
    assert not page.metric


def test_a_file_that_does_not_exist_is_named(open_page: Open, tmp_path: Path) -> None:
    page = open_page(str(tmp_path / "nothing.csv"))
    assert "nothing.csv" in page.code[0].value
    assert "cannot be used" in complaint(page)


def test_a_file_name_is_shown_letter_by_letter(open_page: Open, fleiss_file: Path) -> None:
    page = open_page()
    page.file_uploader[0].set_value(("a_b*c*[1]$x$.csv", fleiss_file.read_bytes(), "text/csv")).run()
    assert page.header[0].value == r"a\_b\*c\*\[1\]\$x\$\.csv"


def test_repeated_labels_are_told_with_their_rows(open_page: Open, tmp_path: Path) -> None:
    file = tmp_path / "twice.csv"
    file.write_text("item,annotator,label\n1,birch,a\n1,birch,b\n1,cedar,a\n2,birch,a\n2,cedar,b\n", encoding="utf-8")
    page = open_page(str(file))
    message = complaint(page)
    assert "twice.csv row 3" in message


def test_undefined_agreement_is_shown_with_its_reason(open_page: Open, tmp_path: Path) -> None:
    file = tmp_path / "same.csv"
    file.write_text("item,annotator,label\n1,birch,a\n1,cedar,a\n2,birch,a\n2,cedar,a\n", encoding="utf-8")
    page = open_page(str(file))
    assert page.metric[0].value == "undefined"
    assert "only one class was used" in words(page)


def test_settings_keep_the_labels_on_this_computer(main_page: Path) -> None:
    settings = tomllib.loads((main_page.parent / ".streamlit" / "config.toml").read_text(encoding="utf-8"))
    assert settings["browser"]["gatherUsageStats"] is False
    assert settings["server"]["address"] == "localhost"
    assert settings["server"]["showEmailPrompt"] is False
