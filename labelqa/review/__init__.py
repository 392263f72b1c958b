"""The loop as functions over a project: sample, label blind, measure, decide, revise, relabel, prove, export.

The names below load their module on first use (PEP 562).
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from labelqa.review.consistency import SelfConsistency, self_consistency
    from labelqa.review.contested import (
        ContestedItem,
        ContestedLabels,
        Opinion,
        ReviewQueue,
        contested_labels,
        review_queue,
    )
    from labelqa.review.decisions import decide, decision_history, decision_of, decisions_in_force, undo_decision
    from labelqa.review.gold import GoldLabels, export_gold, release_held_out
    from labelqa.review.handing_out import export_round, import_labels
    from labelqa.review.intake import add_items
    from labelqa.review.labeling import SavedLabel, Task, next_task, open_rounds, own_labels, save_label, task_of
    from labelqa.review.layout import RoundSettings
    from labelqa.review.ledger import CAUSES
    from labelqa.review.people import people_of, put_person, role_of
    from labelqa.review.project import Project
    from labelqa.review.projects import ProjectSettings, create_project, open_project
    from labelqa.review.proof import prove
    from labelqa.review.proving.result import RoundProof
    from labelqa.review.revise import (
        draft_conflict,
        draft_of,
        drafts_of,
        drop_draft,
        guideline_history,
        guideline_version,
        publish_guideline,
        restore_guideline,
        save_draft,
    )
    from labelqa.review.roles import ACTIONS, ROLES
    from labelqa.review.rounds import available_items, cancel_round, close_round, design_round, manifest_of
    from labelqa.review.state import Progress, progress
    from labelqa.review.visibility import PURPOSES, visible_annotations
    from labelqa.store.looks import is_database
    from labelqa.store.records import DecisionRecord

_HOME = {
    "ACTIONS": "roles",
    "CAUSES": "ledger",
    "ContestedItem": "contested",
    "ContestedLabels": "contested",
    "DecisionRecord": "labelqa.store.records",
    "GoldLabels": "gold",
    "Opinion": "contested",
    "PURPOSES": "visibility",
    "Progress": "state",
    "Project": "project",
    "ProjectSettings": "projects",
    "ROLES": "roles",
    "ReviewQueue": "contested",
    "RoundProof": "proving.result",
    "RoundSettings": "layout",
    "SavedLabel": "labeling",
    "SelfConsistency": "consistency",
    "Task": "labeling",
    "add_items": "intake",
    "available_items": "rounds",
    "cancel_round": "rounds",
    "close_round": "rounds",
    "contested_labels": "contested",
    "create_project": "projects",
    "decide": "decisions",
    "decision_history": "decisions",
    "decision_of": "decisions",
    "decisions_in_force": "decisions",
    "design_round": "rounds",
    "draft_conflict": "revise",
    "draft_of": "revise",
    "drafts_of": "revise",
    "drop_draft": "revise",
    "export_gold": "gold",
    "export_round": "handing_out",
    "guideline_history": "revise",
    "guideline_version": "revise",
    "import_labels": "handing_out",
    "is_database": "labelqa.store.looks",
    "manifest_of": "rounds",
    "next_task": "labeling",
    "open_project": "projects",
    "open_rounds": "labeling",
    "own_labels": "labeling",
    "people_of": "people",
    "progress": "state",
    "prove": "proof",
    "publish_guideline": "revise",
    "put_person": "people",
    "release_held_out": "gold",
    "restore_guideline": "revise",
    "review_queue": "contested",
    "role_of": "people",
    "save_draft": "revise",
    "save_label": "labeling",
    "self_consistency": "consistency",
    "task_of": "labeling",
    "undo_decision": "decisions",
    "visible_annotations": "visibility",
}
__all__ = [
    "ACTIONS",
    "CAUSES",
    "PURPOSES",
    "ROLES",
    "ContestedItem",
    "ContestedLabels",
    "DecisionRecord",
    "GoldLabels",
    "Opinion",
    "Progress",
    "Project",
    "ProjectSettings",
    "ReviewQueue",
    "RoundProof",
    "RoundSettings",
    "SavedLabel",
    "SelfConsistency",
    "Task",
    "add_items",
    "available_items",
    "cancel_round",
    "close_round",
    "contested_labels",
    "create_project",
    "decide",
    "decision_history",
    "decision_of",
    "decisions_in_force",
    "design_round",
    "draft_conflict",
    "draft_of",
    "drafts_of",
    "drop_draft",
    "export_gold",
    "export_round",
    "guideline_history",
    "guideline_version",
    "import_labels",
    "is_database",
    "manifest_of",
    "next_task",
    "open_project",
    "open_rounds",
    "own_labels",
    "people_of",
    "progress",
    "prove",
    "publish_guideline",
    "put_person",
    "release_held_out",
    "restore_guideline",
    "review_queue",
    "role_of",
    "save_draft",
    "save_label",
    "self_consistency",
    "task_of",
    "undo_decision",
    "visible_annotations",
]


def __getattr__(name: str) -> object:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    home = _HOME[name]
    return getattr(import_module(home if home.startswith("labelqa.") else f"{__name__}.{home}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOME})
