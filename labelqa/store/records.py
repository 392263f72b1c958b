"""One frozen record a table: the fields are the columns.

Where a field has a default of ``""`` for an id or a time, or None for a position, the store fills it in when it stores
the record; what it gives back is always filled.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

Json = Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectRecord:
    """A project: one data set, one schema of classes."""

    id: str = ""
    name: str
    classes: tuple[str, ...] = ()
    level: str = "nominal"
    settings: Json = field(default_factory=dict)
    created_utc: str = ""
    created_by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonRecord:
    """A person of a project and the role, as it is now; how it came about is in the events."""

    project_id: str
    name: str
    role: str
    added_utc: str = ""
    added_by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemRecord:
    """An item with all that is known of it (``payload``); ``position`` is its place in the project, from 0."""

    project_id: str
    item: str
    position: int | None = None
    payload: Json = field(default_factory=dict)
    held_out: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionRecord:
    """A published version of the guideline; numbers count from 1 without gaps."""

    project_id: str
    number: int
    content_hash: str
    content: object
    parent: int | None = None
    author: str
    reason: str = ""
    edit: str = "semantic"
    restored_from: int | None = None
    evidence: object = ()
    created_utc: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftRecord:
    """The draft of one author, and the version it started from."""

    project_id: str
    author: str
    base_version: int | None = None
    content: object
    updated_utc: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundRecord:
    """A round of labeling as it was designed, and its state."""

    project_id: str
    number: int
    name: str = ""
    purpose: str = ""
    guideline_version: int | None = None
    design: Json = field(default_factory=dict)
    manifest_hash: str = ""
    state: str = "open"
    created_utc: str = ""
    created_by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AssignmentRecord:
    """One item for one annotator in a round; a hidden repeat names in ``repeat_of`` the assignment it repeats."""

    project_id: str
    round: int
    id: str
    annotator: str
    position: int
    item: str
    stratum: str = ""
    repeat_of: str | None = None
    probability: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelRecord:
    """A label as it was given; a correction is another label that ``supersedes`` it. ``seq`` counts the stored ones."""

    project_id: str
    seq: int = 0
    uuid: str
    item: str
    annotator: str
    label: str
    round: int
    assignment: str | None = None
    guideline_version: int | None = None
    seconds: float | None = None
    supersedes: str | None = None
    created_utc: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionRecord:
    """A decision on an item, or the undoing of one, as it was made; ``seq`` counts the stored ones."""

    project_id: str
    seq: int = 0
    uuid: str
    item: str
    kind: str = "decide"
    labels: tuple[str, ...] = ()
    cause: str = ""
    rule_id: str | None = None
    confidence: float | None = None
    note: str = ""
    actor: str
    supersedes: str | None = None
    guideline_version: int | None = None
    created_utc: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class EventRecord:
    """What happened, by whom and when; ``seq`` counts the events of a project from 1 without gaps."""

    project_id: str
    seq: int = 0
    uuid: str = ""
    kind: str
    actor: str
    at_utc: str = ""
    detail: Json = field(default_factory=dict)
