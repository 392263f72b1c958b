"""A small project for the tests of its commands."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pandas as pd

from labelqa.cli.main import exit_code

CLASSES = ("billing", "bug", "refund")


def truth(item: str) -> str:
    return CLASSES[int(item[1:]) % 3]


def said(item: str, who: str, confused: bool) -> str:
    """Return the label: two people draw the border of refund differently where they are confused."""
    right = truth(item)
    return "billing" if confused and right == "refund" and who == "bo" and int(item[1:]) % 2 else right


def write_inputs() -> None:
    """Write labels.csv (90 items by two people) and pool.csv (60 more items) to the working folder."""
    rows = [
        {"item": f"t{i}", "annotator": who, "label": said(f"t{i}", who, True), "text": f"secret text {i}"}
        for i in range(90)
        for who in ("ana", "bo")
    ]
    pd.DataFrame(rows).to_csv("labels.csv", index=False)
    pool = [{"ticket_id": f"t{i}", "text": f"secret text {i}"} for i in range(90, 150)]
    pd.DataFrame(pool).to_csv("pool.csv", index=False)


def run(capsys, *arguments: str) -> tuple[int, str, str]:
    code = exit_code([str(a) for a in arguments])
    captured = capsys.readouterr()
    return code, captured.out, captured.err


def revise(path: str = "guideline.md", text: str = "Money goes back.") -> None:
    """Write a rule into an exported guideline."""
    content = Path(path).read_text(encoding="utf-8")
    Path(path).write_text(content.replace("- **R3**:", f"- **R3**: {text}"), encoding="utf-8")


def fill(path: str, who: str, target: str, *, leave: int = 0) -> None:
    """Label an exported file as the truth has it; the last `leave` rows stay empty."""
    with Path(path).open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    for at, row in enumerate(rows):
        item = "t" + re.sub(r"\D", "", row["text"])
        row["label"] = "" if at >= len(rows) - leave else said(item, who, False)
    pd.DataFrame(rows).to_csv(target, index=False)
