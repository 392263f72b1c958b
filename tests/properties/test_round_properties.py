"""What holds for every round."""

from __future__ import annotations

import json
import tempfile
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labelqa.errors import ParameterError
from labelqa.io.formulas import is_formula
from labelqa.review.exchange.read import read_annotator_file
from labelqa.review.exchange.spreadsheet import disarmed
from labelqa.review.exchange.write import FORMATS, write_annotator_file
from labelqa.review.layout import RoundSettings
from labelqa.review.manifest import build_manifest, check_manifest
from labelqa.review.plan import plan_round
from labelqa.review.sampling import STRATA, Candidates, choose_items, split_held_out

SCORES = st.lists(st.one_of(st.just(float("nan")), st.floats(0, 1)), min_size=1, max_size=30)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)


@st.composite
def designs(draw):
    n = draw(st.integers(4, 40))
    items = [f"item {i}" for i in range(n)]
    flags = {name: {i for i in items if draw(st.booleans())} for name in ("labeled", "touched", "held_out")}
    scores = {i: draw(st.floats(0, 1)) for i in items}
    candidates = Candidates.of(items, disagreement=scores, **flags)
    available = Counter(candidates.strata.tolist())
    counts = {s: draw(st.integers(0, available[s])) for s in STRATA}
    layout = RoundSettings(
        annotators_per_item=draw(st.integers(2, 4)),
        method=draw(st.sampled_from(["random", "disagreement"])),
        repeat_share=draw(st.sampled_from([0, 0.05, 0.2])),
    )
    people = [f"person {i}" for i in range(draw(st.integers(layout.annotators_per_item, 6)))]
    seed = draw(st.integers(0, 2**40))
    if sum(counts.values()) * layout.annotators_per_item < len(people):
        counts = dict(available)
    if sum(counts.values()) * layout.annotators_per_item < len(people):
        people = people[: layout.annotators_per_item]
    return candidates, people, {"counts": counts, "round": 1, "seed": seed, "settings": layout}


@given(designs())
@settings(deadline=None)
def test_every_item_has_its_people_and_all_have_the_same_load(design):
    candidates, people, how = design
    plan = plan_round(candidates, people, **how)
    first = [a for a in plan.assignments if a.repeat_of is None]
    assert len({(a.item, a.annotator) for a in first}) == len(first)
    assert Counter(a.item for a in first) == dict.fromkeys(plan.items, how["settings"].annotators_per_item)
    load = Counter(a.annotator for a in plan.assignments)
    assert set(load) == set(people)
    assert max(load.values()) - min(load.values()) <= 1
    assert {s.name: len(s.items) for s in plan.strata} == {s: n for s, n in how["counts"].items() if n}
    for person in people:
        assert [a.position for a in plan.of_annotator(person)] == list(range(1, load[person] + 1))


@given(designs())
@settings(deadline=None)
def test_repeats_are_of_the_same_item_and_person_and_at_a_distance(design):
    candidates, people, how = design
    plan = plan_round(candidates, people, **how)
    by_id = {a.id: a for a in plan.assignments}
    assert len(by_id) == len(plan.assignments)
    fewest = min(Counter(a.annotator for a in plan.assignments if a.repeat_of is None).values())
    repeats = [a for a in plan.assignments if a.repeat_of is not None]
    assert bool(repeats) == (how["settings"].repeat_share > 0)
    assert len({a.repeat_of for a in repeats}) == len(repeats)
    for a in repeats:
        original = by_id[a.repeat_of]
        assert (original.item, original.annotator) == (a.item, a.annotator)
        assert a.position - original.position >= max(1, min(20, fewest // 2))


@given(designs(), st.randoms(use_true_random=False))
@settings(deadline=None, max_examples=40)
def test_the_same_seed_is_the_same_manifest_in_whatever_order_things_come(design, random):
    candidates, people, how = design
    order = list(range(len(candidates.items)))
    random.shuffle(order)
    shuffled = Candidates(
        items=tuple(candidates.items[i] for i in order),
        **{name: getattr(candidates, name)[order] for name in ("labeled", "disagreement", "touched", "held_out")},
    )
    about = {"project": "p", "guideline_version": 1, "guideline_hash": "0", "classes": ["a", "b"]}
    one = build_manifest(plan_round(candidates, people, **how), **about)
    two = build_manifest(plan_round(shuffled, random.sample(people, len(people)), **how), **about)
    assert one.to_bytes() == two.to_bytes()
    assert check_manifest(one.to_bytes(), expected_hash=two.hash).to_bytes() == one.to_bytes()


@given(SCORES, st.integers(0, 30), st.integers(0, 2**32))
@settings(deadline=None)
def test_samples_have_their_size_and_probabilities_add_up(scores, n, seed):
    candidates = Candidates.of(
        [str(i) for i in range(len(scores))], disagreement={str(i): s for i, s in enumerate(scores)}
    )
    if n > len(scores):
        with pytest.raises(ParameterError):
            choose_items(candidates, n)
        return
    sample = choose_items(candidates, n, method="disagreement", rng=seed)
    assert len(set(sample.positions.tolist())) == n
    assert sample.probability.sum() == pytest.approx(n)
    assert ((sample.probability > 0) == (n > 0)).all()
    assert sample.probability.max() <= 1


@given(st.integers(2, 60), st.floats(0.01, 0.99), st.integers(0, 99), st.integers(1, 9))
@settings(deadline=None)
def test_held_out_is_never_all_or_nothing_and_near_the_share(n, share, seed, size):
    items = [str(i) for i in range(n)]
    groups = [i // size for i in range(n)]
    if groups[-1] == 0:
        return
    mask = split_held_out(items, share, seed, groups)
    assert 0 < mask.sum() < n
    assert len(set(zip(groups, mask.tolist(), strict=True))) == groups[-1] + 1
    assert abs(mask.sum() - share * n) <= size
    assert np.array_equal(mask, split_held_out(items, share, seed, groups))


@given(st.lists(TEXTS, min_size=3, max_size=3), st.sampled_from(FORMATS), st.integers(0, 99))
@settings(deadline=None, max_examples=60)
def test_whatever_is_shown_the_file_comes_back(texts, format, seed):
    plan = plan_round(Candidates.of(["x1", "x2", "x3"]), ["p1", "p2"], counts={"fresh": 3}, round=1, seed=seed)
    about = {"project": "p", "guideline_version": 1, "guideline_hash": "0", "classes": ["qqa", "qqb"]}
    manifest = build_manifest(plan, **about)
    payload = {f"x{i + 1}": {"text": text, "more": text[::-1]} for i, text in enumerate(texts)}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "file"
        write_annotator_file(path, manifest, "p1", payload, columns=["text", "more"], format=format)
        filled = read_annotator_file(path, manifest, annotator="p1")
        if format == "label_studio":
            shown = [t["data"]["text"] for t in json.loads(path.read_text(encoding="utf-8"))]
            assert shown == [payload[a.item]["text"].replace("\0", "") for a in plan.of_annotator("p1")]
    assert filled.format == format
    assert filled.counts["unanswered"] == len(plan.of_annotator("p1"))


@given(TEXTS)
def test_no_cell_starts_a_formula(text):
    assert not is_formula(disarmed(text))
    assert disarmed(text) in (text, f"'{text}") or not text.isprintable()
