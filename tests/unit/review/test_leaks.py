"""Nothing that leaves a project, and no message, holds what it must not hold."""

from __future__ import annotations

import json
import re

import pandas as pd
import pytest

import labelqa as lq
from labelqa import review
from labelqa.errors import LabelqaError
from labelqa.guidelines.markdown import guideline_markdown
from labelqa.review.measured import measured
from labelqa.review.rounds import close_round
from tests.unit.review import flow

PEOPLE = ("zoltarqx", "wummekj", "vantablk")
OLD = "xyzzyold"  # an old label that nobody gives again: it is no class of the new round's answers
CLASSES = ("refund", "bug", OLD)


def secret(item):
    return f"sesame{item}"


def said(k, who):
    return OLD if k % 4 == 0 else CLASSES[(k + (who == PEOPLE[1] and k % 3 == 0)) % 2]


@pytest.fixture
def told(memory):
    """Return a project whose held-out items have texts of their own, and the tokens of these."""
    rows = [(f"i{k}", who, said(k, who), OLD, PEOPLE[k % 3]) for k in range(60) for who in PEOPLE[:2]]
    frame = pd.DataFrame(rows, columns=["item", "annotator", "label", "before", "by"])
    frame["text"] = "customer says " + frame["item"].map(secret)
    more = pd.DataFrame({"item": [f"i{k}" for k in range(60, 90)]})
    more["text"] = "customer says " + more["item"].map(secret)
    labels = lq.Annotations.from_frame(frame, item="item", annotator="annotator", label="label")
    settings = review.ProjectSettings(held_out=0.3, seed=4)
    project = review.create_project(
        "", "leaky", actor="leadname", annotations=labels, items=more, settings=settings, store=memory
    )
    for name, role in ((PEOPLE[2], "annotator"), ("revname", "reviewer")):
        review.put_person(project, name, role, actor="leadname")
    flow_rule(project)
    return project


def flow_rule(project):
    guideline = review.guideline_version(project).guideline
    shown = flow.shown_items(project)[0]
    rule = lq.Rule(id=guideline.next_id(), class_name="refund", kind="boundary", other="bug", text="Money back.",
                   item=shown, evidence=(lq.Evidence(kind="item", ref=shown),))  # fmt: skip
    review.publish_guideline(project, guideline.with_rule(rule), base=1, actor="leadname", reason="unclear")


def of_held_out(project, texts_only=False):
    held = flow.held_out(project)
    return {secret(i) for i in held} | (set() if texts_only else held)


def found(text, tokens):
    words = set(re.findall(r"[A-Za-z0-9]+", text))
    return sorted(words & set(tokens))


def asked(project, **counts):
    return review.design_round(project, PEOPLE, counts, actor="leadname")


def answered(project, manifest):
    for a in manifest.plan.assignments:
        review.save_label(project, manifest.round, a.id, "bug", actor=a.annotator)


@pytest.mark.parametrize("format", ["csv", "label_studio", "prodigy"])
def test_files_for_annotators_hold_no_names_old_labels_items_or_strata(told, tmp_path, format):
    manifest = asked(told, paired=9, fresh=9)
    files = review.export_round(told, manifest.round, tmp_path, actor="leadname", format=format)
    items = flow.shown_items(told) + sorted(flow.held_out(told))
    for file in files:
        text = file.read_text(encoding="utf-8")
        is_instruction = file.suffix in (".md", ".xml")
        text = text.replace(OLD, "") if is_instruction else text  # a class may be named where classes are listed
        own = next((p for p in PEOPLE if p in file.name), None)
        others = {*PEOPLE, "leadname", "revname"} - {own}
        assert not found(text, others), file.name
        assert not found(text, of_held_out(told)), file.name
        assert not found(file.name, others)
        if not is_instruction:
            assert not found(text, {*items, "paired", "fresh", "control", "held_out", "repeat_of"}), file.name
        if format == "csv" and not is_instruction:
            assert OLD not in text
            assert set(pd.read_csv(file)["label"].dropna()) == set()


def test_what_an_annotator_is_shown_holds_no_names_labels_or_items(told):
    manifest = asked(told, paired=9, fresh=9, held_out=9)
    for a in manifest.plan.of_annotator(PEOPLE[0]):
        task = review.task_of(told, manifest.round, a.id, actor=PEOPLE[0])
        assert dict(task.shown) == {"text": f"customer says {secret(a.item)}"}
        assert not found(repr((task.assignment, task.shown, task.done, task.total)), {*PEOPLE, OLD, a.item, a.stratum})


def test_what_people_see_who_write_rules_holds_no_held_out_item(told):
    answered(told, asked(told, paired=9, fresh=9, held_out=9))
    close_round(told, 2, actor="leadname")
    tokens = of_held_out(told)
    seen = review.visible_annotations(told, "rules", actor="revname")
    last = review.visible_annotations(told, "rules", actor="revname", round=2)
    report = lq.build_report(seen)
    queue = review.review_queue(told, 1, actor="revname", undecided=False, limit=1000)
    assert queue.total
    texts = {
        "annotations": seen.to_frame().to_csv() + seen.item_data.to_csv() + repr(seen) + str(seen.read_log),
        "one round": last.to_frame().to_csv() + last.item_data.to_csv(),
        "report": report.to_html() + report.to_json() + report.to_markdown(),
        "measured": repr([measured(told, n, actor="revname") for n in (1, 2)]),
        "contested": json.dumps(measured(told, 1, actor="revname").contested),
        "progress": repr(review.progress(told, actor="revname"))
        + json.dumps(review.progress(told, actor="revname").to_dict()),
        "queue": json.dumps(queue.to_dict(), default=str),
        "self-consistency": json.dumps(review.self_consistency(told, 2, actor="revname").to_dict()),
        "guideline": guideline_markdown(review.guideline_version(told).guideline),
        "proof": json.dumps(review.prove(told, 1, 2, actor="revname").to_dict(), default=str)
        + review.prove(told, 1, 2, actor="revname").to_text(),
        "statistics": (proof := review.visible_annotations(told, "proof", actor="revname")).to_frame().to_csv()
        + proof.item_data.to_csv(),
    }
    for what, text in texts.items():
        assert not found(text, tokens), what
    assert not found(texts["statistics"], {*PEOPLE, *flow.shown_items(told)})
    assert all(o.who in {"A", "B", "C"} for e in queue.entries for o in e.opinions)


def test_gold_labels_hold_no_held_out_item_before_its_release(told, tmp_path):
    answered(told, asked(told, paired=9, held_out=9))
    close_round(told, 2, actor="leadname")
    gold = review.export_gold(told, tmp_path / "gold", actor="leadname")
    written = "".join(f.read_text(encoding="utf-8") for f in sorted((tmp_path / "gold").iterdir()))
    for text in (written, json.dumps(gold.to_dict(), default=str), repr(gold)):
        assert not found(text, of_held_out(told))
    review.release_held_out(told, actor="leadname", reason="done")
    after = review.export_gold(told, tmp_path / "after", actor="leadname")
    labeled = {i for i in flow.held_out(told) if int(i[1:]) < 60}
    assert labeled <= set(after.labels["item"])


def test_messages_tell_an_annotator_nothing_of_items_labels_or_others(told):
    manifest = asked(told, paired=9, fresh=9, held_out=9)
    answered(told, manifest)
    me, other = PEOPLE[0], PEOPLE[1]
    theirs = manifest.plan.of_annotator(other)[0]
    with told.store.read() as reader:
        uuid = reader.labels(told.id, round=2, annotator=other)[0].uuid
    held = sorted(flow.held_out(told))[0]
    mine = manifest.plan.of_annotator(me)[0].id
    review.put_person(told, "outsider", "annotator", actor="leadname")
    probes = [
        lambda: review.task_of(told, 2, theirs.id, actor=me),
        lambda: review.task_of(told, 2, held, actor=me),
        lambda: review.task_of(told, 1, theirs.id, actor=me),
        lambda: review.save_label(told, 2, theirs.id, "bug", actor=me),
        lambda: review.save_label(told, 2, mine, "refund", actor=me, uuid=uuid),
        lambda: review.next_task(told, 2, actor="outsider"),
        lambda: review.next_task(told, 77, actor="outsider"),
        lambda: review.decide(told, held, ["bug"], "slip", actor=me),
        lambda: review.decision_of(told, held, actor=me),
        lambda: review.review_queue(told, actor=me),
        lambda: review.visible_annotations(told, "rules", actor=me),
        lambda: review.progress(told, actor=me),
        lambda: review.export_gold(told, actor=me),
    ]
    hidden = {*of_held_out(told, texts_only=True), *flow.shown_items(told), *PEOPLE, "leadname", "revname", OLD}
    for at, probe in enumerate(probes):
        with pytest.raises(LabelqaError) as error:
            probe()
        told_to = "outsider" if at in (5, 6) else me
        assert not found(str(error.value), hidden - {told_to, held}), (at, str(error.value))
        assert not any(p.allowed and set(p.allowed) & set(PEOPLE) for p in error.value.problems)


def test_messages_tell_a_reviewer_no_text_or_label_of_a_held_out_item(told):
    held = sorted(flow.held_out(told))[0]
    guideline = review.guideline_version(told).guideline
    rule = lq.Rule(id=guideline.next_id(), class_name="bug", kind="positive_example", text="See it.", item=held)
    probes = [
        lambda: review.decide(told, held, ["bug"], "slip", actor="revname"),
        lambda: review.save_draft(told, guideline.with_rule(rule), base=2, actor="revname"),
        lambda: review.publish_guideline(told, guideline.with_rule(rule), base=2, actor="leadname", reason="r"),
    ]
    for probe in probes:
        with pytest.raises(LabelqaError, match="held") as error:
            probe()
        assert not found(str(error.value), {*of_held_out(told, texts_only=True), OLD, *PEOPLE})
    assert review.draft_of(told, actor="revname") is None
    assert review.decision_history(told, held, actor="revname") == []
