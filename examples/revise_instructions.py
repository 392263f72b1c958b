"""One whole turn of the loop: find the unclear pair, write the rule, relabel blind, prove that it helped, export gold.

python examples/revise_instructions.py [FOLDER]

FOLDER (a temporary one if left out) must be new or empty. Tickets, people and labels are synthetic.
"""

import csv
import sys
import tempfile
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from random import Random

import make_support_tickets as tickets
import pandas as pd

import labelqa as lq
from labelqa import review
from labelqa.store.database import open_store

SEED = 6  # of twelve: the one whose slips come closest to the planned rates
LEAD, EDITOR = "lea", "max"
DEFINITIONS = {
    "account": "Logging in, passwords, and changes to the customer's data.",
    "billing": "Invoices, charges and means of payment.",
    "praise": "The customer is pleased and asks for nothing.",
    "refund": "The customer wants to give something back or to be paid back.",
    "shipping": "Where a parcel is, and what happened to it on its way.",
    "technical": "The product does not do what it should.",
}
RULE = "Whoever asks for money back gets refund, even if the reason is a wrong invoice or a double charge."


def fill_in(file: Path, guideline_text: str, truth_file: Path, annotator: str) -> None:
    """Play one annotator: read the guideline, then label the exported file in place, row by row.

    Sees what a person would: texts and instruction, no earlier label, no item id. Someone who finds the rule in the
    guideline applies it (nearly always); slips, and larch's carelessness, stay as they were.
    """
    with truth_file.open(encoding="utf-8", newline="") as lines:
        truth = {row["text"]: row for row in csv.DictReader(lines)}
    border = "2" if "money back gets refund" in guideline_text else "1"
    rng = Random(f"round 2, {annotator}")
    sheet = pd.read_csv(file, dtype=str, keep_default_na=False)
    for at, text in enumerate(sheet["text"]):
        fact = truth[text]
        ticket = tickets.Ticket("", text, "", "", fact["true_class"], fact["planted"] == "ambiguous")
        sheet.loc[at, "label"] = tickets.labeled(rng, ticket, annotator, border)[0]
    sheet.to_csv(file, index=False)


folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(tempfile.mkdtemp())
tickets.write_campaign(folder, n_labeled=900, n_new=500, seed=SEED)
truth = pd.read_csv(folder / "truth.csv", dtype=str).set_index("text")["true_class"]

print("1. A project from the first file of labels")
# A fixed clock and numbered ids, so that each run writes the same bytes; leave `store` out in real work.
minutes, numbers = count(), count(1)
store = open_store(
    folder / "tickets.db",
    clock=lambda: datetime(2025, 6, 2, 9, tzinfo=UTC) + timedelta(minutes=next(minutes)),
    new_id=lambda: f"id-{next(numbers):06d}",
)
guideline = lq.starter_guideline(list(DEFINITIONS), title="Support tickets")  # R1 to R6: an empty definition a class
for empty in guideline.rules:
    guideline = guideline.with_rule(replace(empty, text=DEFINITIONS[empty.class_name]))
project = review.create_project(
    store.place,
    "tickets",
    actor=LEAD,
    annotations=lq.read_annotations(folder / "labels.csv"),
    items=pd.read_csv(folder / "new_tickets.csv", dtype=str),
    guideline=guideline,
    settings=review.ProjectSettings(held_out=0.3, seed=SEED, target=0.78),
    store=store,
)
review.put_person(project, EDITOR, "reviewer", actor=LEAD)
print(review.progress(project, actor=LEAD))

print("\n2. Which two classes do people mix up, and on what?")
# What people who write rules may see: closed rounds, without the held-out items that will prove the rule.
before = review.visible_annotations(project, "rules", actor=LEAD, round=1)
confusions = lq.class_confusions(before)
pair = tuple(confusions.frame.loc[0, ["class_a", "class_b"]])
evidence = lq.explain_confusion(before, pair, text="text")
print(confusions)
print(evidence)

# Settle some of the disputed tickets by reading them (here the reading is looked up).
disputed = evidence.disputed.sort_values(["clarity", "item"]).head(12)
texts = before.item_data["text"].set_axis(before.items)
settled = {
    row.item: review.decide(project, row.item, [truth[row.text]], "overlapping_definitions", actor=LEAD)
    for row in disputed.itertuples()
}
print(f"settled {len(settled)} of {evidence.n_split} disputed tickets: the definitions of {' and '.join(pair)} overlap")

print("\n3. The rule, with its evidence and an example")
old = review.guideline_version(project)
rests_on = [lq.Evidence(kind="pair", ref="/".join(pair), note=evidence.advice_reason)]
rests_on += [lq.Evidence(kind="decision", ref=decision.uuid) for decision in settled.values()]
example = next(item for item, decision in settled.items() if decision.labels == ("refund",))
rule = lq.Rule(
    id=old.guideline.next_id(), class_name="refund", kind="boundary", other="billing", text=RULE, item=example,
    evidence=tuple(rests_on),
)  # fmt: skip
new = old.guideline.with_rule(rule)
print(lq.lint_guideline(new, texts.to_dict()))
print(lq.diff_guidelines(old.guideline, new).in_words(), end="")
version = review.publish_guideline(project, new, base=old.number, actor=LEAD, reason="billing or refund was unclear")
print(f"published version {version.number} ({version.edit} edit)")

# Somebody else still has version 1 open. Saving it tells both texts; what is in force stays.
other = old.guideline.with_rule(replace(old.guideline.rules_of("billing")[0], text="All about invoices."))
print(review.save_draft(project, other, base=old.number, actor=EDITOR))
print(f"in force is still version {review.guideline_version(project).number}, with rule {rule.id}")

print("\n4. Round 2: blind, the same people, tickets they know and tickets nobody has seen")
print(lq.plan_agreement_study(before, change=0.08))
manifest = review.design_round(
    project, tickets.ANNOTATORS, {"held_out": 400, "fresh": 300, "paired": 50, "control": 100}, actor=LEAD
)
print(manifest.plan)
*sheets, guideline_file = review.export_round(project, 2, folder / "round-2", actor=LEAD)
for annotator, sheet in zip(manifest.plan.annotators, sheets, strict=True):
    fill_in(sheet, guideline_file.read_text(encoding="utf-8"), folder / "truth.csv", annotator)
    print(review.import_labels(project, 2, sheet, actor=LEAD, annotator=annotator).summary()[1].strip())
review.close_round(project, 2, actor=LEAD)

print("\n5. Did it help?")
proof = review.prove(project, 1, 2, actor=LEAD)
print(proof.to_text())
print(proof.classes[["class", "before", "after", "verdict", "touched"]].round(2).to_string(index=False))

print("\n6. Gold labels, each with where it comes from")
# The decisions of step 2 now have a rule to stand on; then what people still disagree on.
for item, decision in settled.items():
    review.decide(project, item, decision.labels, decision.cause, actor=LEAD, rule_id=rule.id, supersedes=decision.uuid)
after = review.visible_annotations(project, "rules", actor=LEAD, round=2)
left = lq.item_disagreement(after).top(20)
texts = after.item_data["text"].set_axis(after.items)
left = left[(left["disagreement"] > 0) & ~left["item"].isin(list(settled))]
for item in left["item"]:
    label = truth[texts[item]]
    cited = rule.id if label in pair else new.rules_of(label)[0].id
    review.decide(project, item, [label], "slip", actor=LEAD, rule_id=cited)
gold = review.export_gold(project, folder / "gold", actor=LEAD)
print(gold)
print(gold.labels.loc[gold.labels["provenance"] == "adjudicated", ["item", "label", "reason"]].head(3).to_string())
print(review.progress(project, actor=LEAD))
print(f"{folder / 'gold'}: {', '.join(sorted(f.name for f in (folder / 'gold').iterdir()))}")
project.close()
