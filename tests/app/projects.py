"""Projects that page tests begin with: support tickets in which refunds are often called billing."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

import labelqa as lq
from labelqa import review
from labelqa.guidelines.rule import Rule

CLASSES = ("billing", "bug", "refund", "other")
WORDS = {
    "billing": "invoice shows the wrong amount",
    "bug": "crash after the update",
    "refund": "money back for the double payment",
    "other": "question about opening hours",
}
STAGES = ("measured", "drafted", "revised", "labeling", "closed")
HOSTILE = (
    "<script>alert('x')</script><img src=x onerror=alert(1)>",
    "# Heading **bold** [link](http://evil.example) ![](http://evil.example/x.png) :material/home: :red[x]",
    "$\\frac{1}{2}$ $$x$$ `code`",
    "\u202eright to left \u0645\u0631\u062d\u0628\u0627",
    "emoji \U0001f600\U0001f469\u200d\U0001f680 and NUL \0 inside",
    "long " * 200_000,
)


_MADE: dict[tuple[object, ...], bytes] = {}  # databases by what they were made of


def truth(n: int, seed: int = 0) -> list[str]:
    """Return the true class of items t0, t1, ..."""
    return [str(c) for c in np.random.default_rng(seed).choice(CLASSES, n)]


def says(true: str, rng: np.random.Generator, *, confused: float, slips: float = 0.04) -> str:
    """Return what an annotator says: refunds are called billing at the rate `confused`, slips are random."""
    if true == "refund" and rng.random() < confused:
        return "billing"
    return true if rng.random() > slips else str(rng.choice(CLASSES))


def support_labels(n: int = 120, *, confused: float = 0.5, seed: int = 0) -> pd.DataFrame:
    """Return labels of ana and bo for items t0, ..., with text and channel, one row a label."""
    rng, true = np.random.default_rng(seed + 1), truth(n, seed)
    rows = [
        (f"t{i}", who, says(true[i], rng, confused=confused), f"Ticket {i}: {WORDS[true[i]]}", ("mail", "chat")[i % 2])
        for i in range(n)
        for who in ("ana", "bo")
    ]
    return pd.DataFrame(rows, columns=["item", "annotator", "label", "text", "channel"])


def labels_file(folder: Path, n: int = 60, name: str = "tickets.csv") -> Path:
    """Write :func:`support_labels` to a file and return it."""
    path = folder / name
    support_labels(n).to_csv(path, index=False)
    return path


def support_project(
    folder: Path, stage: str = "measured", *, n: int = 120, pool: int = 80, target: float | None = 0.8
) -> Path:
    """Make a project with lea (lead), rita (reviewer), ana and bo (annotators); return its database.

    Parameters
    ----------
    folder : Path
        Gets ``tickets.db``.
    stage : {"measured", "drafted", "revised", "labeling", "closed"}
        Round 1 is labeled; then rita has a draft with a boundary rule refund/billing; lea has published it; round 2 is
        open; round 2 is labeled without the confusion and closed.
    n, pool : int
        Items with labels, and without.
    target : float, optional
        Target of the project.
    """
    path = folder / "tickets.db"
    key = (stage, n, pool, target)
    if key in _MADE:  # making one takes a second or more
        path.write_bytes(_MADE[key])
        return path
    annotations = lq.read_annotations(support_labels(n))
    words = truth(n + pool)
    items = pd.DataFrame(
        {"item": f"t{i}", "text": f"Ticket {i}: {WORDS[words[i]]}", "channel": ("mail", "chat")[i % 2]}
        for i in range(n, n + pool)
    )
    with review.create_project(
        str(path), "tickets", actor="lea", annotations=annotations, items=items if pool else None, classes=CLASSES,
        settings=review.ProjectSettings(target=target),
    ) as project:  # fmt: skip
        review.put_person(project, "rita", "reviewer", actor="lea")
        for step, name in enumerate(STAGES[1:], start=1):
            if STAGES.index(stage) >= step:
                _STEPS[name](project)
    _MADE[key] = path.read_bytes()
    return path


def hostile_project(folder: Path) -> Path:
    """Make a project whose item texts, classes, people and columns try to be markup; people differ on each text."""
    path = folder / "hostile.db"
    classes = ("<b>a</b> $x$", "**c**\u202e d")
    texts = [HOSTILE[i % len(HOSTILE)] for i in range(24)]
    rows = [
        (f"i{i} <i>$1$</i>", who, classes[(i + (place if i < 18 else 0)) % 2], texts[i])
        for i in range(24)
        for place, who in enumerate(("*ana*", "<u>bo</u>"))
    ]
    frame = pd.DataFrame(rows, columns=["item", "annotator", "label", "text **bold**"])
    annotations = lq.Annotations.from_frame(frame, item="item", annotator="annotator", label="label", classes=classes)
    with review.create_project(
        str(path), "<script>alert(1)</script> $p$", actor="lea", annotations=annotations,
        settings=review.ProjectSettings(held_out=0),  # items of one text are held out together
    ) as project:  # fmt: skip
        review.put_person(project, "rita", "reviewer", actor="lea")
    return path


def label_round(project: review.Project, round: int, who: tuple[str, ...] = ("ana", "bo"), limit: int | None = None):
    """Label an open round as these people, without the confusion; only `limit` items each where given."""
    for person in who:
        rng, done = np.random.default_rng(len(person)), 0
        while (task := review.next_task(project, round, actor=person)) is not None and done != limit:
            label = says(_true_class(task), rng, confused=0.02, slips=0.02)
            review.save_label(project, round, task.assignment, label, actor=person)
            done += 1


def _true_class(task: review.Task) -> str:
    text = str(task.shown.get("text", ""))
    return next((name for name, words in WORDS.items() if words in text), "other")


def _guideline(project: review.Project):
    base = review.guideline_version(project).guideline
    rule = Rule(
        id=base.next_id(), class_name="refund", kind="boundary", other="billing", text="Money is asked back: refund."
    )
    return base.with_rule(rule)


def _draft(project: review.Project) -> None:
    review.save_draft(project, _guideline(project), base=1, actor="rita")


def _publish(project: review.Project) -> None:
    review.publish_guideline(project, _guideline(project), base=1, actor="lea", reason="refund or billing was unclear")


def _design(project: review.Project) -> None:
    counts = {"held_out": 12, "paired": 12, "fresh": 20, "control": 8}
    review.design_round(project, ["ana", "bo"], counts, actor="lea")


def _close(project: review.Project) -> None:
    label_round(project, 2)
    review.close_round(project, 2, actor="lea")


_STEPS = {"drafted": _draft, "revised": _publish, "labeling": _design, "closed": _close}
