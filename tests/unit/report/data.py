"""Small annotation tables for the tests of the report, made by arithmetic: no generator whose stream could change."""

from __future__ import annotations

import pandas as pd

from labelqa.annotations.table import Annotations

CLASSES = ("billing", "technical", "account")
HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "[red]x[/red]",
    "\x1b[31mred",
    "a\u202egpj.exe",
    "=cmd()",
    "x" * 300,
    "a|b`c*d_e",
    "# head\nline",
    "[link](http://example.org)",
)


def long_frame(n_items: int = 40, rounds: int = 0) -> pd.DataFrame:
    """Return labels of three annotators, of whom cai errs on every third item and skips every seventh."""
    rows = []
    for i in range(n_items):
        for j, annotator in enumerate(("ann", "ben", "cai")):
            if annotator == "cai" and i % 7 == 0:
                continue
            wrong = (annotator == "cai" and i % 3 == 0) or (annotator == "ben" and i % 11 == 0)
            rows.append(
                (f"t{i:03d}", annotator, CLASSES[(i * i + (j if wrong else 0)) % 3], f"Ticket {i}: please help.")
            )
    frame = pd.DataFrame(rows, columns=["item", "annotator", "label", "text"])
    return frame if rounds == 0 else pd.concat([frame.assign(round=r + 1) for r in range(rounds)], ignore_index=True)


def small(n_items: int = 40, rounds: int = 0, **options: object) -> Annotations:
    """Return :func:`long_frame` as annotations."""
    named = {"round": "round"} if rounds else {}
    frame = long_frame(n_items, rounds)
    return Annotations.from_frame(frame, item="item", annotator="annotator", label="label", **named, **options)


def hostile() -> Annotations:
    """Return a table in which items, annotators, classes, texts and columns try to break out of the report."""
    k = len(HOSTILE)
    rows = [
        (f"{HOSTILE[i % k]}{i}", HOSTILE[j], HOSTILE[(i + (j if i % 3 == 0 else 0)) % k], HOSTILE[i % k] * 3)
        for i in range(60)
        for j in range(4)
    ]
    frame = pd.DataFrame(rows, columns=["it|em", "<b>who</b>", "la]bel", "te<xt> `"])
    return Annotations.from_frame(frame, item="it|em", annotator="<b>who</b>", label="la]bel")


def wide(level: str = "nominal", **columns: list[object]) -> Annotations:
    """Return annotations from one list of labels an annotator."""
    return Annotations.from_wide(pd.DataFrame(columns), level=level)
