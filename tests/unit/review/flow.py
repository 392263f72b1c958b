"""A small project on any database, with a clock and ids that are the same in every run."""

from __future__ import annotations

import pandas as pd

import labelqa as lq
from labelqa import review
from labelqa.guidelines.rule import Rule

CLASSES = ("billing", "bug", "refund")
LABELED, FRESH = 60, 24


def truth(item):
    return CLASSES[int(item.removeprefix("t")) % 3]


def first_label(item, who):
    """Say what ana and bo say: bo takes every second refund for billing."""
    number = int(item.removeprefix("t"))
    return "billing" if who == "bo" and truth(item) == "refund" and number % 2 else truth(item)


def first_labels(say=first_label):
    rows = [(f"t{k}", who, say(f"t{k}", who), f"text of {k}") for k in range(LABELED) for who in ("ana", "bo")]
    frame = pd.DataFrame(rows, columns=["item", "annotator", "label", "text"])
    return lq.Annotations.from_frame(frame, item="item", annotator="annotator", label="label")


def new_items():
    names = [f"t{k}" for k in range(LABELED, LABELED + FRESH)]
    return pd.DataFrame({"item": names, "text": [f"text of {name[1:]}" for name in names]})


def start(store, *, name="tickets", **more):
    settings = review.ProjectSettings(**({"seed": 3, "target": 0.8} | more))
    project = review.create_project(
        "", name, actor="lea", annotations=first_labels(), items=new_items(), settings=settings, store=store
    )
    review.put_person(project, "rae", "reviewer", actor="lea")
    return project


def revised(project, *, base=1, text="Money back is refund."):
    guideline = review.guideline_version(project).guideline
    rule = Rule(id=guideline.next_id(), class_name="refund", kind="boundary", other="billing", text=text)
    new = guideline.with_rule(rule)
    return review.publish_guideline(project, new, base=base, actor="lea", reason="unclear pair")


def designed(project, counts=None, people=("ana", "bo"), **more):
    counts = counts or {"held_out": 8, "paired": 10, "fresh": 8}
    return review.design_round(project, list(people), counts, actor="lea", **more)


def labeled(project, manifest, say=lambda item, who: truth(item), people=("ana", "bo")):
    for a in manifest.plan.assignments:
        if a.annotator in people:
            review.save_label(project, manifest.round, a.id, say(a.item, a.annotator), actor=a.annotator)


def second_round(project, **more):
    """Revise, ask again, and close: what most tests of results need."""
    revised(project)
    manifest = designed(project, {"held_out": 8, "paired": 10, "fresh": 8, "control": 6}, **more)
    labeled(project, manifest)
    review.close_round(project, manifest.round, actor="lea")
    return manifest


def held_out(project):
    with project.store.read() as reader:
        return set(reader.item_ids(project.id, held_out=True))


def shown_items(project):
    with project.store.read() as reader:
        return reader.item_ids(project.id, held_out=False)


def events(project, kind=None):
    with project.store.read() as reader:
        return [e for e in reader.events(project.id) if kind in (None, e.kind)]
