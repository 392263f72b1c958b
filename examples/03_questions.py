"""The questions that come after the first number, on two rounds of synthetic support tickets.

Run it line by line in a notebook: every result shows as a table there, and ``.plot()`` draws it.
"""

from pathlib import Path

import labelqa as lq

TICKETS = Path(__file__).resolve().parents[1] / "labelqa" / "_demo" / "support_tickets.csv"

annotations = lq.read_annotations(TICKETS)
first = annotations.where(round="1")  # a measure takes one round at a time
second = annotations.where(round="2")

# Which class is unclear? Billing and refund were planted as confused in round 1.
classes = lq.class_agreement(first).to_frame().set_index("class")
print(classes[["estimate", "low", "high"]].round(2).sort_values("estimate"))

# Did the revised definition help?
after = lq.class_agreement(second).to_frame().set_index("class")
for name in ("billing", "refund"):
    print(f"{name}: {classes.loc[name, 'estimate']:.2f} in round 1, {after.loc[name, 'estimate']:.2f} in round 2")

# Is one annotator out of line? larch was made careless.
print(lq.annotator_agreement(second).to_frame().round(2).to_string())

# Which tickets should be talked about first?
print(lq.item_disagreement(first).top(5).to_string())

# Is one channel harder than the others?
print(lq.agreement_by(first, "channel").to_frame().round(2).to_string())
