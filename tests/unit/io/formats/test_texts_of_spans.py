"""Spans seen as the class of each token: what has no text is counted, and the text is found where it is called so."""

from __future__ import annotations

import random
import time
from collections.abc import Hashable, Sequence
from pathlib import Path

import pandas as pd
import pytest

from labelqa.annotations.readlog import Origin
from labelqa.io.read import read_annotations
from labelqa.io.values import viewed
from tests.unit.io.formats.given import json_file, labels_of, lines_file, notes_of

LOC = [{"start": 0, "end": 6, "label": "LOC"}]
ROLES = {"item": "item", "annotator": "who", "label": "label", "text": "text"}
Spans = Sequence[tuple[int, int, Hashable]]


def _flat(**more: object) -> dict[str, object]:
    users, status = {"ner.responses.users": ["u1", "u2"]}, {"ner.responses.status": ["submitted"] * 2}
    return {"id": "r", "ner.responses": [LOC, LOC], **users, **status, **more}


def _tokens(text: str | None, spans: Spans) -> pd.DataFrame:
    frame = pd.DataFrame({"item": ["i"], "who": ["ana"], "label": [spans], "text": [text]}, dtype=object)
    return viewed(frame, Origin(), ROLES, "spans", "classes").frame


def test_answers_without_a_text_are_set_aside_with_their_rows(tmp_path: Path):
    rows = [
        {"id": i, "data": data, "annotations": [{"id": i, "completed_by": "ana", "result": [
            {"from_name": "ner", "to_name": "text", "type": "labels",
             "value": {"start": 0, "end": 5, "labels": ["LOC"]} | words}]}]}
        for i, data, words in ((1, {"text": "Paris"}, {"text": "Paris"}), (2, {"body": "Paris"}, {}))
    ]  # fmt: skip
    found = read_annotations(json_file(tmp_path, rows))
    assert len(found) == 1
    aside = [(s.reason, s.count, s.rows) for s in found.read_log.set_aside]
    assert aside == [("no text for these spans (kind='spans' reads them without)", 1, (2,))]
    assert len(read_annotations(json_file(tmp_path, rows), kind="spans")) == 2


@pytest.mark.parametrize("text", [None, "", " \n"])
def test_a_blank_text_has_no_tokens_and_is_counted(text: str | None):
    frame = pd.DataFrame({"item": ["i", "j"], "who": "ana", "label": [[], []], "text": [text, "a b"]}, dtype=object)
    seen = viewed(frame, Origin(), ROLES, "spans", "classes")
    assert seen.frame["label"].tolist() == ["O", "O"]
    assert [(s.count, s.rows) for s in seen.set_aside] == [(1, (0,))]


@pytest.mark.parametrize("field", ["text", "review"])
def test_argilla_finds_the_text_of_flat_records_as_of_nested_ones(field: str, tmp_path: Path):
    given = [{"value": LOC, "user_id": who} for who in ("u1", "u2")]
    nested = {"id": "r", "fields": {field: "London is big"}, "suggestions": {}, "responses": {"ner": given}}
    flat = _flat(**{field: "London is big"})
    labels = [labels_of(read_annotations(json_file(tmp_path, [r], f"{len(r)}.json"))) for r in (flat, nested)]
    assert labels[0] == labels[1]
    assert labels[0]["r:7-9", "u1"] == "O"


def test_argilla_takes_the_field_called_text_before_others(tmp_path: Path):
    nested = {"id": "r", "fields": {"text": "London is big", "title": "x"}, "responses": {"ner": [
        {"value": LOC, "user_id": "u1"}]}}  # fmt: skip
    for records in ([_flat(text="London is big", source="web")], [nested]):
        assert labels_of(read_annotations(json_file(tmp_path, records)))["r:0-6", "u1"] == "LOC"


def test_spans_without_any_text_are_the_class_of_the_item_and_a_note_says_so(tmp_path: Path):
    source = json_file(tmp_path, [_flat(body="London is big", title="x")])
    found = read_annotations(source)
    assert labels_of(found) == {("r", "u1"): "LOC", ("r", "u2"): "LOC"}
    assert "the class of the one span of an answer was read as the class of the whole item" in notes_of(found)
    assert "the class of the one span" not in notes_of(read_annotations(source, kind="spans"))


def _slow(spans: Spans, start: int, end: int) -> Hashable:
    shares = [(min(end, s[1]) - max(start, s[0]), s[2]) for s in spans]
    best = max((share for share, _ in shares), default=0)
    return "O" if best <= 0 else next(name for share, name in shares if share == best)


def test_a_token_has_the_class_of_the_span_that_covers_most_of_it_the_first_of_equals():
    rng = random.Random(5)
    for _ in range(100):
        text = "".join(rng.choice("ab ") for _ in range(rng.randrange(1, 25))) + "c"
        spans = [
            (a, a + rng.randrange(1, 20), str(k)) for k, a in enumerate(rng.choices(range(25), k=rng.randrange(8)))
        ]
        seen = _tokens(text, spans)
        places = [tuple(map(int, item.partition(":")[2].split("-"))) for item in seen["item"]]
        assert seen["label"].tolist() == [_slow(spans, a, b) for a, b in places]


@pytest.mark.parametrize("shape", ["whole", "single", "stairs"])
def test_many_spans_in_a_long_text_take_no_time(shape: str):
    n = 10_000
    spans = {
        "whole": [(0, 2 * n, "A")] * n,
        "single": [(2 * i, 2 * i + 1, "A") for i in range(n)],
        "stairs": [(2 * i, 2 * n, "A") for i in reversed(range(n))],
    }[shape]
    start = time.process_time()
    assert set(_tokens("a " * n, spans)["label"]) == {"A"}
    assert time.process_time() - start < 3


def test_two_fields_of_one_argilla_file_are_decided_over_all_records(tmp_path: Path):
    rows = [_flat(review="London is big") | {"id": "a"}, _flat(review="London is big", source="web") | {"id": "b"}]
    assert set(read_annotations(lines_file(tmp_path, rows)).items) == {"a", "b"}
