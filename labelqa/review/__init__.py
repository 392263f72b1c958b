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
    from labelqa.review.deciding import decisions_between
    from labelqa.review.decisions import decide, decision_history, decision_of, decisions_in_force, undo_decision
    from labelqa.review.gold import GoldLabels, export_gold, release_held_out
    from labelqa.review.handing_out import export_round, import_labels
    from labelqa.review.intake import add_items
    from labelqa.review.labeling import SavedLabel, Task, next_task, open_rounds, own_labels, save_label, task_of
    from labelqa.review.layout import RoundSettings
    from labelqa.review.ledger import CAUSES, UNCLEAR
    from labelqa.review.overview import (
        ExpectedLoad,
        VersionEffect,
        expected_load,
        round_workload,
        version_effects,
    )
    from labelqa.review.people import people_of, put_person, role_of
    from labelqa.review.power import RoundBaseline, detectable_agreement, plan_improvement, round_baseline
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
    from labelqa.review.slice_review import SliceReview, review_slice
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
    "ExpectedLoad": "overview",
    "GoldLabels": "gold",
    "Opinion": "contested",
    "PURPOSES": "visibility",
    "Progress": "state",
    "Project": "project",
    "ProjectSettings": "projects",
    "ROLES": "roles",
    "ReviewQueue": "contested",
    "RoundBaseline": "power",
    "RoundProof": "proving.result",
    "RoundSettings": "layout",
    "SavedLabel": "labeling",
    "SelfConsistency": "consistency",
    "SliceReview": "slice_review",
    "Task": "labeling",
    "UNCLEAR": "ledger",
    "VersionEffect": "overview",
    "add_items": "intake",
    "available_items": "rounds",
    "cancel_round": "rounds",
    "close_round": "rounds",
    "contested_labels": "contested",
    "create_project": "projects",
    "decide": "decisions",
    "decision_history": "decisions",
    "decision_of": "decisions",
    "decisions_between": "deciding",
    "decisions_in_force": "decisions",
    "design_round": "rounds",
    "detectable_agreement": "power",
    "draft_conflict": "revise",
    "draft_of": "revise",
    "drafts_of": "revise",
    "drop_draft": "revise",
    "expected_load": "overview",
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
    "plan_improvement": "power",
    "progress": "state",
    "prove": "proof",
    "publish_guideline": "revise",
    "put_person": "people",
    "release_held_out": "gold",
    "restore_guideline": "revise",
    "review_queue": "contested",
    "review_slice": "slice_review",
    "role_of": "people",
    "round_baseline": "power",
    "round_workload": "overview",
    "save_draft": "revise",
    "save_label": "labeling",
    "self_consistency": "consistency",
    "task_of": "labeling",
    "undo_decision": "decisions",
    "version_effects": "overview",
    "visible_annotations": "visibility",
}
__all__ = [
    "ACTIONS",
    "CAUSES",
    "PURPOSES",
    "ROLES",
    "UNCLEAR",
    "ContestedItem",
    "ContestedLabels",
    "DecisionRecord",
    "ExpectedLoad",
    "GoldLabels",
    "Opinion",
    "Progress",
    "Project",
    "ProjectSettings",
    "ReviewQueue",
    "RoundBaseline",
    "RoundProof",
    "RoundSettings",
    "SavedLabel",
    "SelfConsistency",
    "SliceReview",
    "Task",
    "VersionEffect",
    "add_items",
    "available_items",
    "cancel_round",
    "close_round",
    "contested_labels",
    "create_project",
    "decide",
    "decision_history",
    "decision_of",
    "decisions_between",
    "decisions_in_force",
    "design_round",
    "detectable_agreement",
    "draft_conflict",
    "draft_of",
    "drafts_of",
    "drop_draft",
    "expected_load",
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
    "plan_improvement",
    "progress",
    "prove",
    "publish_guideline",
    "put_person",
    "release_held_out",
    "restore_guideline",
    "review_queue",
    "review_slice",
    "role_of",
    "round_baseline",
    "round_workload",
    "save_draft",
    "save_label",
    "self_consistency",
    "task_of",
    "undo_decision",
    "version_effects",
    "visible_annotations",
]


def __getattr__(name: str) -> object:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    home = _HOME[name]
    return getattr(import_module(home if home.startswith("labelqa.") else f"{__name__}.{home}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOME})
