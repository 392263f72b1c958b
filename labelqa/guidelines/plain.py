"""Rules and guidelines as plain dictionaries, and the hash of their content."""

from __future__ import annotations

import hashlib
import json
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from labelqa.errors import ParameterError, Problem
from labelqa.guidelines.rule import Evidence, Rule

SCHEMA_VERSION = 1
_RULE_KEYS = ("id", "class_name", "kind", "text", "other", "item", "evidence")
_EVIDENCE_KEYS = ("kind", "ref", "note")


def rule_to_dict(rule: Rule) -> dict[str, object]:
    """Return a rule as a JSON-safe dictionary, always with the same keys."""
    evidence = [{key: getattr(e, key) for key in _EVIDENCE_KEYS} for e in rule.evidence]
    return {**{key: getattr(rule, key) for key in _RULE_KEYS}, "evidence": evidence}


def document_to_dict(classes: Sequence[str], rules: Iterable[Rule], title: str, introduction: str) -> dict[str, object]:
    """Return a guideline as a JSON-safe dictionary."""
    return {
        "schema_version": SCHEMA_VERSION,
        "title": title,
        "introduction": introduction,
        "classes": list(classes),
        "rules": [rule_to_dict(r) for r in rules],
    }


def content_hash(document: Mapping[str, object]) -> str:
    """Return the SHA-256 of a document's canonical JSON, in hex.

    Keys are sorted, texts are NFC and what is empty is left out, so that a field added to rules in a later version of
    the program changes no hash of a document that does not use it. The version of the schema is no content.
    """
    content = {key: value for key, value in document.items() if key != "schema_version"}
    canonical = json.dumps(_canonical(content), sort_keys=True, ensure_ascii=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode("ascii")).hexdigest()


def _canonical(value: object) -> object:
    if isinstance(value, str):
        return unicodedata.normalize("NFC", value)
    if isinstance(value, Mapping):
        return {k: _canonical(v) for k, v in value.items() if v not in (None, "", [])}
    if isinstance(value, list):
        return [_canonical(v) for v in value]
    return value


def rules_from(data: object) -> tuple[list[Rule], list[Problem]]:
    """Return the rules that dictionaries describe, and the problems of those that describe none."""
    if not isinstance(data, Sequence) or isinstance(data, str | bytes):
        return [], [_wrong("rules", data, "a list of rules")]
    rules: list[Rule] = []
    problems: list[Problem] = []
    for at, entry in enumerate(data):
        try:
            rules.append(rule_from_dict(entry, where=f"rules[{at}]"))
        except ParameterError as error:
            problems += error.problems
    return rules, problems


def rule_from_dict(data: object, *, where: str = "rule") -> Rule:
    """Return the rule that a dictionary describes.

    Raises
    ------
    ParameterError
        With all problems of the rule.
    """
    fields = _fields(data, where, keys=_RULE_KEYS, required=("id", "class_name", "kind", "text"))
    entries = fields.get("evidence", ())
    if not isinstance(entries, Sequence) or isinstance(entries, str | bytes):
        raise ParameterError(_wrong(f"{where}.evidence", entries, "a list of evidence"))
    evidence = [_evidence(e, f"{where}.evidence[{i}]") for i, e in enumerate(entries)]
    return Rule(**{**fields, "evidence": tuple(evidence)})


def _evidence(data: object, where: str) -> Evidence:
    return Evidence(**_fields(data, where, keys=_EVIDENCE_KEYS, required=("kind", "ref")))


def _fields(data: object, where: str, *, keys: Sequence[str], required: Sequence[str]) -> dict[str, Any]:
    if not isinstance(data, Mapping):
        raise ParameterError(_wrong(where, data, "a dictionary"))
    problems = [
        Problem(what=f"{where} has an unknown key {key!r}", parameter=where, value=key, allowed=tuple(keys))
        for key in data
        if key not in keys
    ]
    problems += [
        Problem(what=f"{where} has no {key!r}", parameter=where, next_step=f"Give {', '.join(required)}.")
        for key in required
        if key not in data
    ]
    if problems:
        raise ParameterError(problems)
    return {str(key): value for key, value in data.items()}


def check_document(data: object) -> Mapping[str, object]:
    """Return `data` if it is a dictionary with the keys of a guideline, of a version that this program knows.

    Raises
    ------
    ParameterError
        If it is not.
    """
    keys = ("schema_version", "title", "introduction", "classes", "rules")
    fields = _fields(data, "guideline", keys=keys, required=("classes", "rules"))
    version = fields.get("schema_version", SCHEMA_VERSION)
    if version != SCHEMA_VERSION:
        raise ParameterError(
            Problem(
                what=f"the guideline is of schema version {version!r}, this program reads {SCHEMA_VERSION}",
                parameter="schema_version",
                value=version,
                next_step="Update labelqa.",
            )
        )
    return fields


def _wrong(name: str, value: object, wanted: str) -> Problem:
    what = f"{name} is a {type(value).__name__}, not {wanted}"
    return Problem(what=what, parameter=name, value=value, next_step=f"Pass {wanted}.")
