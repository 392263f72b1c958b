"""What readers of the terminal and the pages see: headlines, widths, and outputs that would destroy labels."""

import re
from pathlib import Path

import pandas as pd
import pytest

from labelqa.cli.main import exit_code
from tests.cli.test_compare_cli import frame


@pytest.fixture
def files(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "0")
    frame(0.7, 1).to_csv("before.csv", index=False)
    frame(0.2, 2).to_csv("after.csv", index=False)
    frame(0.2, 2).head(6).to_csv("tiny.csv", index=False)
    frame(0.2, 2).head(1).to_csv("one.csv", index=False)
    Path("folder").mkdir()
    frame(0.7, 1).to_csv("folder/part.txt", index=False)


def run(capsys, *arguments):
    code = exit_code(list(arguments))
    captured = capsys.readouterr()
    return code, captured.out, captured.err


def hero(page):
    """Return the words of the panel at the head of a page."""
    part = page.split('<div class="hero">')[1].split('<section id="')[0]
    return " ".join(re.sub(r"<[^>]+>", " ", part).replace("&#39;", "'").split())


@pytest.mark.usefixtures("files")
def test_the_page_of_all_coefficients_has_the_one_of_the_gate_as_headline(capsys):
    _, page, _ = run(capsys, "agreement", "after.csv", "--format", "html")
    assert hero(page).startswith("Krippendorff's alpha 0.")
    assert "0.667 tentative" in hero(page)
    _, page, _ = run(capsys, "agreement", "after.csv", "--coefficient", "gwet_ac", "--format", "html")
    assert hero(page).startswith("Gwet's AC 0.")


@pytest.mark.usefixtures("files")
def test_percent_agreement_is_never_said_to_take_luck_off(capsys):
    _, page, _ = run(capsys, "agreement", "after.csv", "--coefficient", "percent_agreement", "--format", "html")
    assert "guessing" not in hero(page)
    assert "counts agreement by luck too" in hero(page)
    _, text, _ = run(capsys, "agreement", "after.csv", "--coefficient", "percent_agreement")
    assert re.search(r"Percent agreement .*%\s+-$", text, re.MULTILINE)


@pytest.mark.usefixtures("files")
def test_the_headline_of_a_plan_is_the_number_of_items(capsys):
    _, page, _ = run(capsys, "plan", "agreement", "before.csv", "--change", "0.1", "--format", "html")
    items = re.search(r"Label ([\d,]+) items in each of two rounds \(([\d,]+) labels\)", page)
    assert items is not None
    assert hero(page).startswith(f"Items to label in each of two rounds {items[1]} {items[2]} labels in all Label")


@pytest.mark.usefixtures("files")
def test_the_words_of_a_plan_come_before_its_formula(capsys):
    _, text, _ = run(capsys, "plan", "agreement", "before.csv", "--width", "0.1")
    lead = "Computed from the pilot of 60 items"
    assert 0 < text.index(lead) < text.index("Formula: ")


@pytest.mark.usefixtures("files")
def test_a_plan_without_a_number_says_why_and_shows_no_formula(capsys):
    code, text, _ = run(capsys, "plan", "agreement", "one.csv", "--width", "0.1")
    assert code == 0
    assert "No plan: only one annotator gave labels." in text
    assert "Formula" not in text
    _, page, _ = run(capsys, "plan", "agreement", "one.csv", "--width", "0.1", "--format", "html")
    assert "undefined" in hero(page)


@pytest.mark.usefixtures("files")
def test_the_page_of_a_comparison_shows_the_change_and_its_interval_first(capsys):
    _, page, _ = run(capsys, "compare", "before.csv", "after.csv", "--format", "html")
    assert re.search(r"Agreement improved\. Krippendorff's alpha rose from .* \(95% interval", hero(page))


@pytest.mark.usefixtures("files")
@pytest.mark.parametrize("order", [("one.csv", "after.csv"), ("after.csv", "one.csv")])
def test_a_change_that_is_undefined_has_no_verdict(capsys, order):
    _, text, err = run(capsys, "compare", *order, "--fail-unless", "improved")
    assert "No verdict" in text
    assert "Too few items" not in text
    assert "p = undefined" not in text
    assert "1 item in both" in text
    assert err.startswith("gate not met: undefined, improved wanted.")


@pytest.mark.usefixtures("files")
def test_few_items_are_cautioned_about_in_every_form(capsys):
    for form in ("text", "markdown", "html"):
        _, out, _ = run(capsys, "agreement", "tiny.csv", "--format", form)
        assert "Only 2 items have two or more labels" in " ".join(out.split())
        _, out, _ = run(capsys, "agreement", "after.csv", "--format", form)
        assert "two or more labels" not in out


@pytest.mark.usefixtures("files")
def test_the_table_of_coefficients_fits_80_columns(capsys):
    for options in ([], ["--level", "ordinal"], ["--coefficient", "scott_pi", "--coefficient", "gwet_ac"]):
        _, text, _ = run(capsys, "agreement", "after.csv", *options)
        table = text.split("\n\n")[1]
        assert max(map(len, table.splitlines())) <= 80
        assert max(map(len, text.splitlines())) <= 100


@pytest.mark.usefixtures("files")
def test_every_reason_is_said_once(capsys):
    _, text, _ = run(capsys, "agreement", "one.csv")
    assert text.count("only one annotator gave labels") == 1
    assert "1 label on 1 item by 1 annotator, 1 class (nominal)" in text


@pytest.mark.usefixtures("files")
def test_pages_spell_arguments_out_and_leave_out_what_was_not_given(capsys):
    for command in (["agreement"], ["report"]):
        for form in ("html", "markdown"):
            _, out, _ = run(capsys, *command, "before.csv", "--anonymise", "--format", form)
            assert "[&#39;" not in out
            assert "None" not in out
            assert "['" not in out.replace("\\", "")


@pytest.mark.usefixtures("files")
@pytest.mark.parametrize(
    ("source", "target"), [("folder", "folder/part.txt"), ("folder/*.txt", "folder/part.txt"), ("*.csv", "before.csv")]
)
def test_the_output_never_replaces_a_file_of_a_folder_or_pattern(capsys, source, target):
    before = Path(target).read_bytes()
    code, _, err = run(capsys, "agreement", source, "-o", target, "--format", "json")
    assert code == 2
    assert "is the input file: choose another name" in err
    assert Path(target).read_bytes() == before


@pytest.mark.usefixtures("files")
def test_a_report_may_be_written_into_the_folder_of_the_labels_again_and_again(capsys):
    for _ in range(2):
        assert run(capsys, "agreement", "folder", "-o", "folder/report.html")[0] == 0


@pytest.mark.usefixtures("files")
@pytest.mark.parametrize(
    "command", [["report"], ["agreement"], ["compare", "after.csv"], ["plan", "agreement", "--width", "0.1"]]
)
@pytest.mark.parametrize(
    ("target", "message"),
    [("out.pdf", "cannot tell the format"), ("no/out.html", "there is no folder 'no'. Create it")],
)
def test_an_output_that_cannot_be_written_is_refused_before_anything_is_read(capsys, command, target, message):
    code, out, err = run(capsys, *command, "missing.csv", "-o", target)
    assert (code, out) == (2, "")
    assert message in err


@pytest.mark.usefixtures("files")
def test_letters_agree_over_both_files_of_a_comparison(capsys):
    rename = {"ana": "zoe", "ben": "ana", "cem": "ben"}
    wide = pd.read_csv("after.csv").replace({"annotator": rename})
    wide = wide.pivot(index="item", columns="annotator", values="label")
    wide.to_csv("second.csv")
    pd.read_csv("before.csv").pivot(index="item", columns="annotator", values="label").to_csv("first.csv")
    command = ["compare", "first.csv", "second.csv", "--anonymise"]
    _, out, _ = run(capsys, *command)
    assert "annotators=A, B, C" in out  # ana, ben, cem
    assert "annotators=A, B, D" in out  # ana, ben, zoe
    for form in ("text", "json", "markdown", "html"):
        _, out, _ = run(capsys, *command, "--format", form)
        assert not any(re.search(rf"\b{name}\b", out) for name in ("ana", "ben", "cem", "zoe"))


def test_the_list_of_commands_is_not_cut_off(capsys):
    _, out, _ = run(capsys, "--help")
    assert "..." not in out.split("Commands:")[1]


@pytest.mark.parametrize("command", [["agreement"], ["compare"], ["report"], ["plan", "agreement"]])
def test_help_stays_within_80_columns_and_names_every_coefficient(capsys, command):
    _, out, _ = run(capsys, *command, "--help")
    assert max(map(len, out.splitlines())) <= 80
    for name in ("percent_agreement", "krippendorff_alpha", "quadratic"):
        assert name in out
