"""A small project with old labels, names that nothing else holds, and held-out items."""

from __future__ import annotations

from labelqa.review.manifest import build_manifest
from labelqa.review.plan import plan_round
from labelqa.review.sampling import Candidates

CLASSES = ("refund", "bug", "praise & thanks", "<other>")
PEOPLE = ("zoltar-qx", "wümme-kj", "vantablack-9")
HELD = [f"heldsecret{i}" for i in range(8)]
OPEN = [f"ticketno{i}" for i in range(60)]
OLD = "oldlabel-xyzzy"


def candidates():
    items = [*OPEN, *HELD]
    return Candidates.of(
        items,
        labeled={*OPEN[:40], *HELD},
        disagreement={item: (i % 5) / 4 for i, item in enumerate(OPEN[:40])},
        touched=OPEN[:20],
        held_out=HELD,
    )


def payload():
    return {
        item: {
            "text": f"Customer says: words of number {i}",
            "subject": f"=1+{i}",
            "old": OLD,
            "who": PEOPLE[i % 3],
            "gold": CLASSES[i % 4],
            "id": item,
        }
        for i, item in enumerate([*OPEN, *HELD])
    }


def a_plan(counts=None, seed=5, **more):
    counts = counts or {"paired": 8, "fresh": 10, "control": 6}
    return plan_round(candidates(), PEOPLE, counts=counts, round=2, seed=seed, **more)


def a_manifest(**more):
    return build_manifest(
        a_plan(**more), project="Tickets", guideline_version=3, guideline_hash="ab" * 32, classes=CLASSES
    )
