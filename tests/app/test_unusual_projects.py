"""Projects that are not like the example: each page says what it can, and none breaks."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

import labelqa as lq
from labelqa import review
from tests.app.conftest import complaint, words_of

pytest.importorskip("streamlit", reason="the app extra (Streamlit) is not installed")

if TYPE_CHECKING:
    from streamlit.testing.v1 import AppTest

Open = Callable[..., "AppTest"]
PAGES = (
    "data", "consistency", "pairs", "disagreements", "instruction", "relabel", "label", "proof", "issues", "slices",
    "export",
)  # fmt: skip
ITEMS = 60


def labeled(people: int, kind: str) -> lq.Annotations:
    """Return labels: measurements, an order, or names; with a text and a channel, or nothing known of the items."""
    rng = np.random.default_rng(3)
    true = rng.integers(1, 6, ITEMS)
    said = [np.clip(true + rng.integers(-1, 2, ITEMS), 1, 5) for _ in range(people)]
    names = {1: "awful", 2: "poor", 3: "fair", 4: "good", 5: "great"}
    frame = pd.DataFrame({"item": [f"t{i}" for i in range(ITEMS)]})
    for who, labels in zip(("ana", "bo"), said, strict=False):
        frame[who] = 7 * labels + rng.integers(0, 3, ITEMS) if kind == "interval" else [names[n] for n in labels]
    if kind != "bare":
        frame["text"] = [f"text {i} about {'a' if i % 2 else 'b'}" for i in range(ITEMS)]
        frame["channel"] = rng.choice(["mail", "chat"], ITEMS)
    level = {"interval": "interval", "ordinal": "ordinal"}.get(kind, "nominal")
    classes = list(range(7, 38)) if kind == "interval" else list(names.values())
    people_named = ["ana", "bo"][:people]
    return lq.Annotations.from_wide(frame, annotators=people_named, item="item", classes=classes, level=level)


@pytest.fixture(scope="module", params=["interval", "ordinal", "bare", "one person"])
def unusual(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    path = tmp_path_factory.mktemp("unusual") / "unusual.db"
    people = 1 if request.param == "one person" else 2
    data, settings = labeled(people, request.param), review.ProjectSettings(held_out=0.2, target=0.8)
    review.create_project(str(path), "unusual", actor="lea", annotations=data, settings=settings).close()
    return request.param, path


@pytest.mark.parametrize("name", PAGES)
def test_no_page_breaks(open_view: Open, unusual: tuple[str, Path], name: str) -> None:
    page = open_view(name, unusual[1])
    assert "Something broke" not in complaint(page)
    assert "This did not work" not in complaint(page)
    said = words_of(page)
    assert "nan" not in said.replace("finance", "").split()
    for of_programs in ("--level", "pred_probs", "annotator=", "actor=", "project,"):
        assert of_programs not in said


def test_where_nobody_could_disagree_nobody_is_said_to_agree(open_view: Open, unusual: tuple[str, Path]) -> None:
    kind, path = unusual
    said = words_of(open_view("disagreements", path))
    assert ("nobody could disagree" in said) == (kind == "one person")
    assert "nobody disagreed" not in said


def test_measurements_are_not_compared_like_names(open_view: Open, unusual: tuple[str, Path]) -> None:
    kind, path = unusual
    said = words_of(open_view("pairs", path))
    assert ("The labels are measurements" in said) == (kind == "interval")
    assert kind != "interval" or "near guessing" not in said
    with review.open_project(str(path)) as project:
        now = review.progress(project, actor="lea")
    assert kind != "interval" or not now.facts.pairs


def test_labels_of_any_level_are_judged_and_settled(open_view: Open, unusual: tuple[str, Path]) -> None:
    kind, path = unusual
    if kind == "one person":
        pytest.skip("nothing is contested where one person labeled")
    page = open_view("disagreements", path)
    with review.open_project(str(path)) as project:
        classes = project.classes
    assert ("Pair of classes" in [s.label for s in page.selectbox]) == (kind != "interval")
    choices = [*page.button_group, *page.multiselect]
    right = next(g for g in choices if g.key and g.key.startswith("labels_"))
    assert list(right.options) == [str(c) for c in classes]
    issues = open_view("issues", path)
    issues.button(key="find").click().run(timeout=120)
    assert "Something broke" not in complaint(issues)
    assert "labels" in words_of(issues)
