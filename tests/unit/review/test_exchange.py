"""Files of a round for annotators, and back."""

from __future__ import annotations

import csv
import io
import json
import xml.etree.ElementTree as ET

import pytest

from labelqa.errors import ColumnError, FileFormatError, ParameterError
from labelqa.review.exchange.alignment import shown_texts
from labelqa.review.exchange.read import read_annotator_file
from labelqa.review.exchange.write import FORMATS, SUFFIXES, write_annotator_file
from labelqa.review.manifest import build_manifest
from tests.unit.review.rounds import CLASSES, HELD, OLD, OPEN, PEOPLE, a_manifest, a_plan, payload

WHO = PEOPLE[1]
PRIVATE = ("old", "who", "gold")


@pytest.fixture(scope="module")
def manifest():
    return a_manifest()


def written(folder, manifest, format="csv", columns=("text", "subject"), who=WHO, **more):
    path = folder / f"file{SUFFIXES[format]}"
    write_annotator_file(
        path, manifest, who, payload(), columns=columns, format=format, private_columns=PRIVATE, **more
    )
    return path


def rows_of(path):
    return list(csv.reader(io.StringIO(path.read_text(encoding="utf-8-sig"), newline="")))


def save(path, rows, separator=",", encoding="utf-8"):
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=separator, lineterminator="\r\n").writerows(rows)
    path.write_bytes(text.getvalue().encode(encoding))
    return path


def own(manifest, who=WHO):
    return manifest.plan.of_annotator(who)


def test_no_byte_of_any_file_gives_anything_away(tmp_path, manifest):
    secrets = [
        OLD,
        *HELD,
        *OPEN,
        *PEOPLE,
        "held_out",
        "paired",
        "control",
        "stratum",
        "probability",
        "repeat",
        "Tickets",
    ]
    for format in FORMATS:
        for who in PEOPLE:
            folder = tmp_path / format / who.encode("ascii", "ignore").decode()
            folder.mkdir(parents=True)
            files = [written(folder, manifest, format, who=who), *folder.iterdir()]
            for file in files:
                text = file.read_bytes()
                found = [s for s in secrets for form in (s.encode(), json.dumps(s)[1:-1].encode()) if form in text]
                assert found == []


def test_a_held_out_item_in_a_round_looks_like_any_other(tmp_path):
    manifest = a_manifest(counts={"fresh": 5, "held_out": 5})
    for format in FORMATS:
        text = written(tmp_path, manifest, format).read_text(encoding="utf-8-sig")
        assert "held" not in text
        assert "Customer says" in text


@pytest.mark.parametrize("format", FORMATS)
def test_the_same_round_gives_the_same_bytes(tmp_path, manifest, format):
    first = written(tmp_path, manifest, format).read_bytes()
    assert written(tmp_path, a_manifest(), format).read_bytes() == first
    assert not list(tmp_path.glob(".*"))


@pytest.mark.parametrize("format", FORMATS)
def test_a_file_that_nobody_filled_in_is_all_unanswered(tmp_path, manifest, format):
    filled = read_annotator_file(written(tmp_path, manifest, format), manifest)
    assert filled.format == format
    assert filled.counts == {"answered": 0, "skipped": 0, "unanswered": len(own(manifest)), "absent": 0}
    assert [r.assignment for r in filled.responses] == [a.id for a in own(manifest)]


@pytest.mark.parametrize("column", PRIVATE)
def test_columns_with_labels_or_names_are_refused_by_name(tmp_path, manifest, column):
    with pytest.raises(ParameterError, match="a round is blind"):
        written(tmp_path, manifest, columns=["text", column.upper()])


@pytest.mark.parametrize(("column", "words"), [("gold", "classes"), ("who", "names of annotators")])
def test_columns_with_labels_or_names_are_refused_by_content(tmp_path, manifest, column, words):
    with pytest.raises(ParameterError, match=f"holds mostly {words}"):
        write_annotator_file(tmp_path / "a.csv", manifest, WHO, payload(), columns=["text", column])
    assert list(tmp_path.iterdir()) == []


def test_a_few_texts_that_are_the_name_of_a_class_do_no_harm(tmp_path, manifest):
    known = {item: {"text": "bug" if i % 3 == 0 else f"text {i}"} for i, item in enumerate(OPEN)}
    assert write_annotator_file(tmp_path / "a.csv", manifest, WHO, known, columns=["text"])


def test_everything_missing_is_named(tmp_path, manifest):
    with pytest.raises(ParameterError, match="did you mean 'text'"):
        written(tmp_path, manifest, columns=["txt"])
    with pytest.raises(ParameterError, match="no column is shown"):
        written(tmp_path, manifest, columns=[])
    with pytest.raises(ParameterError, match="is named twice"):
        written(tmp_path, manifest, columns=["text", "Text "])
    with pytest.raises(ParameterError, match="did you mean"):
        written(tmp_path, manifest, who=WHO + "x")
    with pytest.raises(ParameterError, match="items of the round are not in the payload"):
        write_annotator_file(tmp_path / "a.csv", manifest, WHO, {}, columns=["text"])
    with pytest.raises(ParameterError, match="does not exist"):
        written(tmp_path / "nowhere", manifest)


def test_csv_shows_the_columns_and_disarms_formulas(tmp_path, manifest):
    rows = rows_of(written(tmp_path, manifest))
    assert rows[0] == ["assignment", "text", "subject", "label", "comment", "round", "guideline_version", "manifest"]
    assert len(rows) == 1 + len(own(manifest))
    assert all(r[2].startswith("'=1+") for r in rows[1:])
    assert {tuple(r[3:]) for r in rows[1:]} == {("", "", "2", "3", manifest.hash)}
    assert [r[0] for r in rows[1:]] == [a.id for a in own(manifest)]


def test_columns_named_like_ours_are_told_apart(tmp_path, manifest):
    known = {item: {"Label": f"text {item}", "comment": "say"} for item in OPEN}
    path = tmp_path / "a.csv"
    write_annotator_file(path, manifest, WHO, known, columns=["Label", "comment"])
    assert rows_of(path)[0][:5] == ["assignment", "item: Label", "item: comment", "label", "comment"]
    assert read_annotator_file(path, manifest).counts["unanswered"] == len(own(manifest))


def test_a_csv_comes_back_as_spreadsheets_save_it(tmp_path, manifest):
    rows = rows_of(written(tmp_path, manifest))
    for i, row in enumerate(rows[1:]):
        row[3] = f" {CLASSES[i % 4]}" if i % 5 else ""
        row[4] = "käse; or, so" if i == 1 else ""
    turned = [[r[3], r[7], r[0], r[1], r[4]] for r in rows]
    turned[0] = ["LABEL ", "Manifest", "assignment", "text", "comment"]
    turned.insert(3, [""] * 5)
    turned += [[""] * 5, [""] * 5]
    for separator, encoding in [(";", "utf-8-sig"), ("\t", "utf-16"), (",", "utf-8"), (";", "cp1252")]:
        filled = read_annotator_file(save(tmp_path / "b.csv", turned, separator, encoding), manifest)
        n = len(rows) - 1
        assert filled.counts["answered"] == n - len(range(0, n, 5))
        assert filled.counts["unanswered"] == len(range(0, n, 5))
        assert {r.label for r in filled.answered} <= set(CLASSES)
        assert [r.comment for r in filled.responses if r.comment] == ["käse; or, so"]
        assert [r.row for r in filled.responses][:3] == [2, 3, 5]
        by_id = {a.id: a.item for a in own(manifest)}
        assert all(by_id[r.assignment] == r.item for r in filled.responses)


def test_texts_with_line_ends_and_quotes_do_not_disturb_the_rows(tmp_path, manifest):
    known = {item: {"text": f'first "quoted", line\nsecond; line {i}\r\nthird'} for i, item in enumerate(OPEN)}
    path = tmp_path / "a.csv"
    write_annotator_file(path, manifest, WHO, known, columns=["text"])
    assert rows_of(path)[1][1].startswith('first "quoted", line\nsecond')
    assert read_annotator_file(path, manifest).counts["unanswered"] == len(own(manifest))


def test_what_spreadsheets_do_to_cells_is_no_other_text(tmp_path, manifest):
    texts = [
        "=1+ 2",
        "a\r\nb  c",
        "1.50",
        "2026-03-01",
        "TRUE",
        "\u017elut\xfd k\u016f\u0148",
        "'quoted'",
        "x" * 32_767,
        "tab\tx",
        "0012",
    ]
    known = {item: {"text": texts[i % 10], "number": f"n {i}"} for i, item in enumerate(OPEN)}
    turned = ["=1+ 2", "a\nb c ", "1,5", "01/03/2026", "true", "?lut\xfd k??", "quoted'", "x" * 32_767, "tab x", "12"]
    path = tmp_path / "a.csv"
    write_annotator_file(path, manifest, WHO, known, columns=["text", "number"])
    shown = shown_texts(manifest, known, ["text", "number"])
    rows = rows_of(path)
    assert read_annotator_file(path, manifest, shown=shown).counts["unanswered"] == len(own(manifest))
    item_of = {a.id: a.item for a in own(manifest)}
    for row in rows[1:]:
        row[1] = turned[texts.index(known[item_of[row[0]]]["text"])]
    rows[0][2] = " NUMBER"
    assert read_annotator_file(save(path, rows), manifest, shown=shown).counts["unanswered"] == len(own(manifest))
    rows[3][2], rows[4][2] = rows[4][2], rows[3][2]
    with pytest.raises(FileFormatError, match=r"2 rows \(rows 4-5\) do not show the text"):
        read_annotator_file(save(path, rows), manifest, shown=shown)


def test_all_problems_of_a_file_are_listed_with_their_rows(tmp_path, manifest):
    rows = rows_of(written(tmp_path, manifest))
    other = next(a for a in own(manifest, PEOPLE[0]))
    rows[1][3] = "refnd"
    rows[2][0] = "qnothing"
    rows[3][0] = other.id
    rows[4][0] = rows[5][0]
    rows[6][0] = ""
    rows[7][7] = rows[8][7] = "0" * 64
    with pytest.raises(FileFormatError) as error:
        read_annotator_file(save(tmp_path / "b.csv", rows), manifest, annotator=WHO)
    text = str(error.value)
    assert "b.csv row 2: 'refnd' is no class" in text
    assert "did you mean 'refund'" in text
    assert "b.csv row 3: the assignment 'qnothing' is not one of round 2" in text
    assert "b.csv row 4: the assignment" in text
    assert "was given to another annotator than" in text
    assert "row 6: the assignment" in text
    assert "was answered before, in row 5" in text
    assert "b.csv row 7: there is no id of an assignment" in text
    assert "b.csv row 8: the manifest is 000000000000..., not" in text
    assert "(also in rows 9)" in text
    assert len(error.value.problems) == 6
    assert PEOPLE[0] not in text


@pytest.mark.parametrize("format", FORMATS)
def test_a_file_of_another_design_is_refused_once(tmp_path, manifest, format):
    path = written(tmp_path, manifest, format)
    with pytest.raises(FileFormatError, match="The file is of another round") as error:
        read_annotator_file(path, a_manifest(seed=99))
    assert len(error.value.problems) == 1


def test_a_column_that_is_gone_is_named(tmp_path, manifest):
    rows = [r[:3] for r in rows_of(written(tmp_path, manifest))]
    with pytest.raises(ColumnError, match="the column 'label' is gone") as error:
        read_annotator_file(save(tmp_path / "b.csv", rows), manifest)
    assert len(error.value.problems) == 2


def test_rows_that_are_gone_are_absent_not_lost(tmp_path, manifest):
    rows = rows_of(written(tmp_path, manifest))
    filled = read_annotator_file(save(tmp_path / "b.csv", rows[:-2]), manifest)
    assert filled.counts["absent"] == 2
    assert len(filled.unanswered) == len(rows) - 1
    assert len(filled.to_frame()) == len(rows) - 1
    assert "2 absent" in repr(filled)


def label_studio_export(path, manifest):
    """Fill in tasks as Label Studio exports them."""
    tasks = json.loads(path.read_text(encoding="utf-8"))
    for i, task in enumerate(tasks):
        choice = {"from_name": "label", "to_name": "shown_1", "type": "choices", "value": {"choices": [CLASSES[i % 4]]}}
        note = {"from_name": "comment", "to_name": "shown_1", "type": "textarea", "value": {"text": ["hm"]}}
        annotation = {
            "id": 100 + i,
            "completed_by": 7,
            "result": [choice, note] if i == 0 else [choice],
            "was_cancelled": False,
            "lead_time": 4.5,
            "created_at": "2026-01-02T03:04:05.000000Z",
        }
        task.update(id=i + 1, annotations=[annotation], drafts=[], predictions=[], inner_id=i + 1, project=3)
    return tasks


def test_a_label_studio_export_comes_back(tmp_path, manifest):
    path = written(tmp_path, manifest, "label_studio")
    tasks = label_studio_export(path, manifest)
    tasks[1]["annotations"][0].update(was_cancelled=True, result=[])
    tasks[2]["annotations"] = []
    tasks[3]["annotations"].insert(0, {"was_cancelled": True, "result": []})
    path.write_text(json.dumps(tasks[::-1], indent=2), encoding="utf-8")
    filled = read_annotator_file(path, manifest, annotator=WHO)
    n = len(tasks)
    assert filled.counts == {"answered": n - 2, "skipped": 1, "unanswered": 1, "absent": 0}
    assert filled.skipped[0].reason == "cancelled"
    first = filled.responses[0]
    assert (first.label, first.comment, first.seconds, first.row) == ("refund", "hm", 4.5, n)
    assert first.answered_utc == "2026-01-02T03:04:05.000000Z"


def test_two_answers_to_one_task_and_two_choices_are_refused(tmp_path, manifest):
    path = written(tmp_path, manifest, "label_studio")
    tasks = label_studio_export(path, manifest)
    tasks[0]["annotations"] *= 2
    tasks[1]["annotations"][0]["result"][0]["value"]["choices"] = ["bug", "refund"]
    tasks[2]["annotations"][0]["result"][0]["value"]["choices"] = ["Bugg"]
    path.write_text(json.dumps(tasks), encoding="utf-8")
    with pytest.raises(FileFormatError) as error:
        read_annotator_file(path, manifest)
    assert "row 1: the assignment" in str(error.value)
    assert "row 2: there are 2 labels (bug, refund)" in str(error.value)
    assert "did you mean 'bug'" in str(error.value)


def test_the_flat_export_of_label_studio_comes_back(tmp_path, manifest):
    path = written(tmp_path, manifest, "label_studio")
    tasks = json.loads(path.read_text(encoding="utf-8"))
    flat = [
        {**t["data"], "id": i, "label": "bug", "comment": "c", "annotator": 1, "annotation_id": i, "lead_time": 1.0}
        for i, t in enumerate(tasks)
    ]
    flat[0].pop("label")
    path.write_text(json.dumps(flat), encoding="utf-8")
    filled = read_annotator_file(path, manifest)
    assert filled.counts == {"answered": len(tasks) - 1, "skipped": 0, "unanswered": 1, "absent": 0}


def test_the_labeling_configuration_is_xml_with_every_class(tmp_path, manifest):
    known = {item: {"comment": "a", "photo": f"https://x.org/{item[-2:]}.jpg?s=1"} for item in OPEN}
    path = tmp_path / "ls.json"
    files = write_annotator_file(path, manifest, WHO, known, columns=["comment", "photo"], format="label_studio")
    root = ET.fromstring(files[1].read_text(encoding="utf-8"))
    assert [c.get("value") for c in root.iter("Choice")] == list(CLASSES)
    assert files[1].name == "ls.config.xml"
    task = json.loads(path.read_text(encoding="utf-8"))[0]
    assert root.find("Text").get("value") == "$field_1"
    assert root.find("Image").get("value") == "$photo"
    assert set(task["data"]) == {"field_1", "photo", "labelqa_assignment", "labelqa_manifest"}
    assert root.find("Choices").get("toName") == root.find("Text").get("name")


def test_classes_that_xml_cannot_hold_are_refused(tmp_path):
    manifest = build_manifest(a_plan(), project="p", guideline_version=1, guideline_hash="", classes=["a\x01", "b"])
    with pytest.raises(ParameterError, match="control characters"):
        written(tmp_path, manifest, "label_studio")
    assert list(tmp_path.iterdir()) == []


def test_odd_class_names_come_back_from_xml_as_they_are(tmp_path):
    classes = ['a"b', "a'b", "ä\nnew", " padded", "<x>&amp;", "=1"]
    manifest = build_manifest(a_plan(), project="p", guideline_version=1, guideline_hash="", classes=classes)
    written(tmp_path, manifest, "label_studio")
    root = ET.fromstring((tmp_path / "file.config.xml").read_bytes())
    assert [c.get("value") for c in root.iter("Choice")] == classes
    rows = rows_of(written(tmp_path, manifest))
    typed = ['a"b', "a'b", "a\u0308\nnew", "padded ", "<x>&amp;", "'=1"]
    for row, label in zip(rows[1:], typed, strict=False):
        row[3] = label
    filled = read_annotator_file(save(tmp_path / "b.csv", rows), manifest)
    assert [r.label for r in filled.responses[:6]] == classes


def test_prodigy_answers_come_back(tmp_path, manifest):
    path = written(tmp_path, manifest, "prodigy")
    tasks = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    for i, task in enumerate(tasks):
        task.update(accept=[CLASSES[i % 4]], answer="accept", _timestamp=1_700_000_000, _view_id="choice")
    tasks[1].update(answer="ignore", accept=[])
    tasks[2].update(answer="reject")
    tasks[3].update(accept=[])
    tasks[4].update(user_input="unsure")
    text = "\r\n".join(json.dumps(t) for t in tasks) + "\n\n"
    for encoding in ("utf-8", "utf-16"):
        path.write_bytes(text.encode(encoding))
        filled = read_annotator_file(path, manifest, annotator=WHO)
        assert filled.counts == {"answered": len(tasks) - 3, "skipped": 2, "unanswered": 1, "absent": 0}
        assert [r.reason for r in filled.skipped] == ["ignored", "rejected"]
        assert filled.responses[0].label == "refund"
        assert filled.responses[0].answered_utc == "2023-11-14T22:13:20+00:00"
        assert filled.responses[4].comment == "unsure"


def test_prodigy_never_takes_a_hidden_repeat_for_a_duplicate(tmp_path, manifest):
    lines = written(tmp_path, manifest, "prodigy").read_text(encoding="utf-8").splitlines()
    tasks = [json.loads(line) for line in lines]
    assert len({t["text"] for t in tasks}) < len(tasks)
    for key in ("_input_hash", "_task_hash", "input"):
        assert len({t[key] for t in tasks}) == len(tasks)
    assert all(-(2**31) <= t["_task_hash"] < 2**31 for t in tasks)
    assert tasks[0]["options"][2] == {"id": "praise & thanks", "text": "praise & thanks"}
    assert tasks[0]["text"].startswith("text: Customer says")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "empty|blank|holds no"),
        (b'{"a": 1}\n{broken\n[1]\n', "row 2: this line is no JSON object"),
        (b"[1, 2]", "row 1: this task is no JSON object"),
        (b"[{", "this is not JSON"),
        (b"[]", "there is no task"),
        (b'[{"id": 1, "data": {}}]', "does not say of which manifest"),
        (b"\x89PNG\r\n\x1a\n\0\0", "PNG|binary|picture|image"),
    ],
)
def test_files_that_are_something_else_are_refused_with_a_reason(tmp_path, manifest, content, message):
    path = tmp_path / "file.txt"
    path.write_bytes(content)
    with pytest.raises(FileFormatError, match=message):
        read_annotator_file(path, manifest)


def test_a_missing_file_and_wrong_parameters_are_named(tmp_path, manifest):
    for format in (None, *FORMATS):
        with pytest.raises(FileFormatError, match="none"):
            read_annotator_file(tmp_path / "none.csv", manifest, format=format)
    with pytest.raises(ParameterError, match="format='xml' is not known"):
        read_annotator_file(tmp_path / "a", manifest, format="xml")
    with pytest.raises(ParameterError, match="annotator='eve' is not known"):
        read_annotator_file(tmp_path / "a", manifest, annotator="eve")


def test_a_file_that_cannot_be_written_leaves_the_old_one(tmp_path, manifest, monkeypatch):
    path = written(tmp_path, manifest)
    before = path.read_bytes()

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("labelqa.io.whole.os.fsync", full)
    with pytest.raises(ParameterError, match="No space left on device"):
        written(tmp_path, manifest, columns=["text"])
    assert path.read_bytes() == before
    assert [f.name for f in tmp_path.iterdir()] == [path.name]


def test_a_workbook_comes_back_like_the_csv_it_was_made_from(tmp_path, manifest):
    openpyxl = pytest.importorskip("openpyxl")
    rows = rows_of(written(tmp_path, manifest))
    rows[1][3], rows[3][3] = "bug", "<other>"
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append([cell or None for cell in row])
    book.save(tmp_path / "b.xlsx")
    filled = read_annotator_file(tmp_path / "b.xlsx", manifest, annotator=WHO)
    assert [(r.row, r.label) for r in filled.answered] == [(2, "bug"), (4, "<other>")]
