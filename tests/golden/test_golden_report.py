"""Rendered reports of one small fixed data set, compared byte for byte with the files of this folder.

After a wanted change: ``LABELQA_REGENERATE=1 pytest tests/golden``, then read the difference before it is committed.
What differs from machine to machine is replaced first: charts (they follow the version of vl-convert), versions, and
digits of JSON numbers beyond the tenth.
"""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import pytest

from labelqa.report.build import build_report
from labelqa.report.model import Report
from tests.unit.report.data import small

FOLDER = Path(__file__).parent
REGENERATE = bool(os.environ.get("LABELQA_REGENERATE"))


@pytest.fixture
def report(monkeypatch) -> Report:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    return build_report(small(rounds=2), arguments={"source": "/some/folder/labels.csv"}, seed=7)


@pytest.mark.parametrize("name", ["report.html", "report.md", "report.json", "report-80.txt", "report-120.txt"])
def test_view_is_the_one_that_was_looked_at(report, name):
    found = stable(rendered(report, name), report)
    if REGENERATE:
        (FOLDER / name).write_bytes(found.encode())
    assert found.encode() == (FOLDER / name).read_bytes()


def rendered(report: Report, name: str) -> str:
    if name.endswith(".txt"):
        return report.to_text(width=int(re.sub(r"\D", "", name)))
    if name.endswith(".json"):
        return json.dumps(rounded(json.loads(report.to_json())), indent=1, ensure_ascii=False) + "\n"
    return report.to_html() if name.endswith(".html") else report.to_markdown()


def stable(text: str, report: Report) -> str:
    text = re.sub(r"<svg.*?</svg>", "<svg><!-- chart --></svg>", text, flags=re.DOTALL)
    run = report.run
    text = re.sub(r'content="labelqa [^"]+"', 'content="labelqa X"', text)
    text = text.replace(
        f"labelqa {run.labelqa}, Python {run.python}, numpy {run.numpy}, pandas {run.pandas}",
        "labelqa X, Python X, numpy X, pandas X",
    )
    return re.sub(r'"(labelqa|python|numpy|pandas)": "[^"]+"', r'"\1": "X"', text)


def rounded(value: object) -> object:
    if isinstance(value, float):
        return float(f"{value:.10g}")
    if isinstance(value, dict):
        return {k: rounded(v) for k, v in value.items()}
    return [rounded(v) for v in value] if isinstance(value, list) else value
