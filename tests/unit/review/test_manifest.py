"""The manifest of a round."""

from __future__ import annotations

import json

import pytest

from labelqa.errors import FileFormatError, ParameterError
from labelqa.review.layout import RoundSettings
from labelqa.review.manifest import build_manifest, canonical_json, check_manifest
from tests.unit.review.rounds import CLASSES, a_manifest, a_plan


def test_the_same_design_is_the_same_bytes():
    assert a_manifest().to_bytes() == a_manifest().to_bytes()
    assert a_manifest().hash == a_manifest().hash
    assert a_manifest(seed=6).hash != a_manifest().hash


def test_a_manifest_comes_back_whole():
    manifest = a_manifest(settings=RoundSettings(method="disagreement", repeat_distance=3))
    again = check_manifest(manifest.to_bytes(), expected_hash=manifest.hash)
    assert again.to_dict() == manifest.to_dict()
    assert again.plan.assignments == manifest.plan.assignments
    assert again.plan.strata == manifest.plan.strata
    assert again.plan.settings == manifest.plan.settings
    assert check_manifest(json.dumps(manifest.to_dict(), indent=3)).hash == manifest.hash
    assert check_manifest(manifest.to_dict()).hash == manifest.hash


def test_canonical_json_is_ascii_sorted_and_refuses_nan():
    assert canonical_json({"ü": 1, "a": None}) == b'{"a":null,"\\u00fc":1}'
    with pytest.raises(ValueError, match="not JSON compliant"):
        canonical_json(float("nan"))


def test_another_hash_is_refused():
    with pytest.raises(FileFormatError, match="not 000000000000"):
        check_manifest(a_manifest().to_bytes(), expected_hash="0" * 64)


@pytest.mark.parametrize("content", ["", "[]", "{}", "nonsense", b"\xff\xfe", '{"format": "labelqa round manifest"}'])
def test_what_is_no_manifest_is_refused(content):
    with pytest.raises(FileFormatError):
        check_manifest(content, file="m.json")


@pytest.mark.parametrize("key", ["settings", "strata", "assignments", "guideline", "classes", "annotators"])
def test_a_manifest_with_a_part_missing_is_refused(key):
    data = a_manifest().to_dict()
    del data[key]
    with pytest.raises(FileFormatError, match="not a whole manifest"):
        check_manifest(data)
    with pytest.raises(FileFormatError, match="not a whole manifest"):
        check_manifest({**data, key: 3})


def test_all_contradictions_are_listed():
    data = json.loads(a_manifest().to_bytes())
    repeat = next(a for a in data["assignments"] if a["repeat_of"])
    repeat["repeat_of"] = "nothing"
    first = next(a for a in data["assignments"] if not a["repeat_of"])
    first["annotator"], first["stratum"] = "eve", "held_out"
    data["assignments"].append(dict(data["assignments"][5]))
    with pytest.raises(FileFormatError) as error:
        check_manifest(data, file="m.json")
    text = str(error.value)
    assert "1 id of assignments occur twice" in text
    assert "not in the round: eve" in text
    assert "does not fit the stratum" in text
    assert "repeats nothing, which is not" in text
    assert "m.json" in text


def test_a_newer_format_is_named():
    with pytest.raises(FileFormatError, match="Update labelqa"):
        check_manifest({**a_manifest().to_dict(), "format_version": 2})


@pytest.mark.parametrize("classes", [["a"], ["a", "a"], ["a", " "], []])
def test_classes_must_be_two_different_names(classes):
    with pytest.raises(ParameterError, match="classes are not two or more"):
        build_manifest(a_plan(), project="p", guideline_version=1, guideline_hash="", classes=classes)


def test_the_manifest_knows_its_assignments_by_id():
    manifest = a_manifest()
    assert set(manifest.by_id) == {a.id for a in manifest.plan.assignments}
    assert manifest.round == 2
    assert manifest.classes == CLASSES
