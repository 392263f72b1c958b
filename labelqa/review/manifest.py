"""The manifest of a round: everything that was designed, in one canonical text with one hash."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from labelqa.errors import FileFormatError, ParameterError, Problem, check_whole, shorten
from labelqa.review.layout import Assignment, RoundPlan, RoundSettings, StratumPlan, as_map
from labelqa.text import counted

FORMAT = "labelqa round manifest"
FORMAT_VERSION = 1
HASH_SHOWN = 12


@dataclass(frozen=True, kw_only=True, eq=False)
class Manifest:
    """A designed round with what its labels mean: project, guideline and classes.

    Attributes
    ----------
    project : str
        Name of the project.
    guideline_version : int
        Version that annotators see; every label of the round is stamped with it.
    guideline_hash : str
        Hash of its content.
    classes : tuple of str
        The classes in their order.
    plan : RoundPlan
        What was designed.
    """

    project: str
    guideline_version: int
    guideline_hash: str
    classes: tuple[str, ...]
    plan: RoundPlan

    @property
    def round(self) -> int:
        """Number of the round."""
        return self.plan.round

    def to_dict(self) -> dict[str, object]:
        """Return everything as JSON holds it."""
        plan = self.plan
        return {
            "format": FORMAT,
            "format_version": FORMAT_VERSION,
            "project": self.project,
            "round": plan.round,
            "guideline": {"version": self.guideline_version, "content_hash": self.guideline_hash},
            "classes": list(self.classes),
            "seed": plan.seed,
            "settings": as_map(plan.settings),
            "annotators": list(plan.annotators),
            "strata": [as_map(s) for s in plan.strata],
            "assignments": [as_map(a) for a in plan.assignments],
            "notes": list(plan.notes),
        }

    def to_bytes(self) -> bytes:
        """Return the canonical text: the same manifest is always the same bytes."""
        return canonical_json(self.to_dict())

    @cached_property
    def hash(self) -> str:
        """SHA-256 of the canonical text, in hexadecimal."""
        return hashlib.sha256(self.to_bytes()).hexdigest()

    @cached_property
    def by_id(self) -> Mapping[str, Assignment]:
        """All assignments by their ids."""
        return {a.id: a for a in self.plan.assignments}


def canonical_json(value: object) -> bytes:
    r"""Return JSON with sorted keys, no spaces and only ASCII characters: equal values are equal bytes.

    Examples
    --------
    >>> canonical_json({"b": 1, "a": ["ä", 0.5]})
    b'{"a":["\\u00e4",0.5],"b":1}'
    """
    return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False).encode("ascii")


def build_manifest(
    plan: RoundPlan,
    *,
    project: str,
    guideline_version: int,
    guideline_hash: str,
    classes: Sequence[str],
) -> Manifest:
    """Return the manifest of a planned round.

    Raises
    ------
    ParameterError
        If there are not two classes or more, each once, or another value is not allowed.

    Examples
    --------
    >>> from labelqa.review.plan import plan_round
    >>> from labelqa.review.sampling import Candidates
    >>> plan = plan_round(Candidates.of(["a", "b"]), ["ana", "bo"], counts={"fresh": 2}, round=1, seed=0)
    >>> manifest = build_manifest(plan, project="p", guideline_version=1, guideline_hash="0f", classes=["x", "y"])
    >>> len(manifest.hash), check_manifest(manifest.to_bytes()).hash == manifest.hash
    (64, True)
    """
    check_whole("guideline_version", guideline_version, 1, what="is not the number of a version", usual="1, 2, 3")
    repeated = [c for c, times in Counter(classes).items() if times > 1]
    if len(classes) < 2 or repeated or not all(c.strip() for c in classes):
        what = f"classes are not two or more different names ({shorten(map(repr, classes))})"
        raise ParameterError(Problem(what=what, parameter="classes", value=tuple(classes)))
    return Manifest(
        project=project,
        guideline_version=int(guideline_version),
        guideline_hash=guideline_hash,
        classes=tuple(classes),
        plan=plan,
    )


def check_manifest(
    content: bytes | str | Mapping[str, object],
    *,
    expected_hash: str | None = None,
    file: str | None = None,
) -> Manifest:
    """Read a manifest and check that it is whole: format, hash, and that the assignments fit the design.

    Parameters
    ----------
    content : bytes, str or mapping
        JSON text, or what it holds.
    expected_hash : str, optional
        The hash that was noted when the round was designed.
    file : str, optional
        Where it is from, for messages.

    Raises
    ------
    FileFormatError
        If it is no manifest of a round, was changed, or contradicts itself; all contradictions are listed.
    """
    data = _parsed(content, file)
    try:
        manifest = _from_dict(data)
        found = manifest.hash
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        what = f"this is not a whole manifest of a round ({type(error).__name__}: {error})"
        raise FileFormatError(Problem(what=what, file=file, next_step="Export the round again.")) from None
    if expected_hash is not None and found != expected_hash:
        what = f"the manifest has the hash {found[:HASH_SHOWN]}..., not {expected_hash[:HASH_SHOWN]}... of the design"
        step = "It was changed, or is of another round."
        raise FileFormatError(Problem(what=what, file=file, value=found, allowed=(expected_hash,), next_step=step))
    problems = [Problem(what=what, file=file) for what in _contradictions(manifest)]
    if problems:
        raise FileFormatError(problems)
    return manifest


def _parsed(content: bytes | str | Mapping[str, object], file: str | None) -> Mapping[str, Any]:
    data: object = content
    if isinstance(content, bytes | str):
        try:
            data = json.loads(content)
        except ValueError as error:
            what = f"this is not JSON ({error})"
            raise FileFormatError(Problem(what=what, file=file, next_step="Export the round again.")) from None
    if not isinstance(data, Mapping) or data.get("format") != FORMAT:
        raise FileFormatError(Problem(what="this is not the manifest of a round", file=file, allowed=(FORMAT,)))
    if data.get("format_version") != FORMAT_VERSION:
        what = f"the manifest is of format version {data.get('format_version')!r}; this labelqa reads {FORMAT_VERSION}"
        raise FileFormatError(Problem(what=what, file=file, next_step="Update labelqa."))
    return data


def _from_dict(data: Mapping[str, Any]) -> Manifest:
    plan = RoundPlan(
        round=data["round"],
        seed=data["seed"],
        settings=RoundSettings(**data["settings"]),
        annotators=tuple(data["annotators"]),
        strata=tuple(StratumPlan(**{**s, "items": tuple(s["items"])}) for s in data["strata"]),
        assignments=tuple(Assignment(**a) for a in data["assignments"]),
        notes=tuple(data["notes"]),
    )
    return Manifest(
        project=data["project"],
        guideline_version=data["guideline"]["version"],
        guideline_hash=data["guideline"]["content_hash"],
        classes=tuple(data["classes"]),
        plan=plan,
    )


def _contradictions(manifest: Manifest) -> list[str]:
    plan = manifest.plan
    stratum_of = {item: s for s in plan.strata for item in s.items}
    first = [a for a in plan.assignments if a.repeat_of is None]
    out = []
    if len(manifest.by_id) < len(plan.assignments):
        out.append(f"{counted(len(plan.assignments) - len(manifest.by_id), 'id')} of assignments occur twice")
    strangers = sorted({a.annotator for a in plan.assignments}.difference(plan.annotators))
    if strangers:
        out.append(f"assignments name annotators who are not in the round: {shorten(strangers)}")
    pairs = Counter((a.item, a.annotator) for a in first)
    twice = sorted({item for (item, _), times in pairs.items() if times > 1})
    if twice:
        out.append(f"one annotator has an item twice, and not as a repeat: {shorten(twice)}")
    people = Counter(item for item, _ in pairs)
    wrong = sorted(item for item in {*people, *stratum_of} if people[item] != plan.settings.annotators_per_item)
    if wrong:
        out.append(f"items without exactly {plan.settings.annotators_per_item} annotators: {shorten(wrong)}")
    return [*out, *_assignment_contradictions(manifest, stratum_of)]


def _assignment_contradictions(manifest: Manifest, stratum_of: Mapping[str, StratumPlan]) -> list[str]:
    out = []
    for a in manifest.plan.assignments:
        stratum = stratum_of.get(a.item)
        if stratum is None or stratum.name != a.stratum or stratum.probabilities.get(a.item) != a.probability:
            out.append(f"assignment {a.id} does not fit the stratum of its item {a.item!r}")
        if a.repeat_of is None:
            continue
        original = manifest.by_id.get(a.repeat_of)
        earlier = original is not None and original.position < a.position
        if original is None or not earlier or (original.item, original.annotator) != (a.item, a.annotator):
            out.append(f"assignment {a.id} repeats {a.repeat_of}, which is not an earlier one of the same item")
    return out
