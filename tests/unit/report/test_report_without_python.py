"""Pages speak to people who asked in the terminal, too."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd

import labelqa as lq
from labelqa.annotations.table import Annotations
from labelqa.report.answers.change import change_shown
from labelqa.report.build import build_report
from labelqa.report.single import single_report

PYTHON = re.compile(r"\b[a-z_]+=(?!\w+\.)|\b[a-z_]+\([a-z_]*\)")


def words(report) -> str:
    return re.sub(r"columns? \w+=.*?\(long layout\)", "", report.to_text(width=100))


def test_items_chosen_for_disagreement_are_cautioned_about_without_python():
    rng = np.random.default_rng(1)
    n = 300
    first = pd.DataFrame({"a": rng.integers(0, 2, n), "b": rng.integers(0, 2, n)}, index=[f"i{i}" for i in range(n)])
    again = first[first["a"] != first["b"]].assign(b=lambda f: f["a"])
    before, after = (Annotations.from_wide(f.rename_axis("item").reset_index(), item="item") for f in (first, again))
    result = lq.compare_agreement(before, after, n_permutations=99)
    assert any("regression to the mean" in text for text in result.warnings)
    text = words(single_report(change_shown(result)))
    assert "Compare on items chosen at random" in " ".join(text.split())
    assert not PYTHON.findall(text)


def test_numbers_measured_as_names_are_explained_without_python():
    wide = pd.DataFrame({"a": [1, 2, 3, 4, 5] * 8, "b": [1, 2, 3, 5, 4] * 8})
    text = words(build_report(Annotations.from_wide(wide)))
    assert "set the level of the labels to ordinal or interval" in " ".join(text.split())
    assert not PYTHON.findall(text)
