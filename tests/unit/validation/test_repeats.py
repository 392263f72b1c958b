"""Items that repeat others are found, told apart from those of one template, and in linear time."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import pytest

from labelqa.annotations.table import Annotations
from labelqa.validation import near
from labelqa.validation.near import near_pairs, tokens_of
from labelqa.validation.result import Finding
from labelqa.validation.validate import validate_annotations

PARCEL = "the parcel that i ordered two weeks ago has not arrived and nobody answers my calls or letters"
OTHERS = ["a short note on something else", "and the second one is different", "nothing to see in this text at all"]
ALPHABET = list("abcdefghijklmnop")


def _annotations(texts: Sequence[str], labels: Sequence[str] | None = None) -> Annotations:
    given = labels if labels is not None else ["yes"] * len(texts)
    rows = [
        (f"i{i}", who, label, text)
        for i, (text, label) in enumerate(zip(texts, given, strict=True))
        for who in ("ann", "ben")
    ]
    frame = pd.DataFrame(rows, columns=["item", "annotator", "label", "text"])
    return Annotations.from_frame(frame, item="item", annotator="annotator", label="label")


def _repeats(texts: Sequence[str], labels: Sequence[str] | None = None) -> dict[str, Finding]:
    found = validate_annotations(_annotations(texts, labels), payload="text").findings
    return {f.code: f for f in found if f.code in ("repeated_item", "near_repeated_item")}


def _sentences(n: int, seed: int, n_words: int = 30) -> list[list[str]]:
    rng = np.random.default_rng(seed)
    words = np.array(["".join(rng.choice(ALPHABET, 6)) for _ in range(2000)])
    return [row.tolist() for row in words[rng.integers(0, words.size, (n, n_words))]]


def test_the_same_text_under_another_name_is_told():
    found = _repeats([PARCEL, *OTHERS, PARCEL])
    assert list(found) == ["repeated_item"]
    assert found["repeated_item"].count == 1
    assert {e.item for e in found["repeated_item"].examples} == {"i0", "i4"}


def test_case_and_spaces_make_no_other_text():
    assert _repeats([PARCEL, *OTHERS, PARCEL.upper().replace(" ", "  ")])["repeated_item"].count == 1


def test_nearly_the_same_text_is_told():
    found = _repeats([PARCEL, *OTHERS, PARCEL + " yet"])
    assert list(found) == ["near_repeated_item"]
    assert {e.item for e in found["near_repeated_item"].examples} == {"i0", "i4"}


def test_punctuation_makes_a_near_repeat():
    found = _repeats(["Great service, thanks a lot!", *OTHERS, "great service thanks a lot"])
    assert list(found) == ["near_repeated_item"]


def test_texts_that_share_less_than_four_fifths_are_no_repeat():
    half = " ".join([*PARCEL.split()[:9], "but came to the wrong house on a rainy sunday morning"])
    assert _repeats([PARCEL, *OTHERS, half]) == {}


def test_texts_with_different_numbers_are_no_repeat():
    assert _repeats([PARCEL + " 17", *OTHERS, PARCEL + " 18"]) == {}


def test_another_sign_is_another_text():
    assert _repeats(["great thanks for all the help 😀", *OTHERS, "great thanks for all the help 😡"]) == {}


def test_order_numbers_in_a_template_do_not_alarm():
    template = "dear team my order number {} of last week has not arrived yet please tell me where it is now"
    assert _repeats([template.format(4000 + i) for i in range(300)]) == {}


def test_a_near_repeat_is_found_among_many_texts_of_one_template():
    template = "dear team my order number {} of last week has not arrived yet please tell me where it is now"
    texts = [template.format(4000 + i) for i in range(300)]
    found = _repeats([*texts, texts[7] + " thanks"])
    assert {e.item for e in found["near_repeated_item"].examples} == {"i7", "i300"}


def test_labels_that_contradict_are_told_and_come_first():
    texts = [PARCEL, OTHERS[0], PARCEL, OTHERS[0], OTHERS[1]]
    found = _repeats(texts, ["yes", "yes", "yes", "no", "no"])["repeated_item"]
    assert found.count == 2
    assert "1 of the 2 texts got different labels" in found.what
    assert {e.item for e in found.examples[:2]} == {"i1", "i3"}
    assert found.severity == "warning"


def test_pairs_are_those_of_a_comparison_of_all():
    texts = _sentences(500, seed=0)
    rng = np.random.default_rng(1)
    for text in texts[:500]:
        copy = list(text)
        for at in rng.integers(0, len(copy), rng.integers(1, 4)):
            copy[at] = "changed"
        texts.append(copy)
    runs = [set(zip(t, t[1:], t[2:], strict=False)) for t in texts]
    expected = {
        (a, b)
        for a in range(len(texts))
        for b in range(a + 1, len(texts))
        if len(runs[a] & runs[b]) >= 0.8 * len(runs[a] | runs[b])
    }
    found = set(near_pairs(texts))
    assert len(expected) > 150
    assert found <= expected
    assert len(found) >= 0.95 * len(expected)


@pytest.mark.parametrize("alike", [True, False])
def test_comparisons_grow_with_the_items_not_with_their_pairs(monkeypatch: pytest.MonkeyPatch, *, alike: bool):
    compared = []
    inner = near._jaccard

    def counting(words: near._Words, pairs: near.Codes) -> np.ndarray:
        compared.append(len(pairs))
        return inner(words, pairs)

    monkeypatch.setattr(near, "_jaccard", counting)
    per_text = []
    for n in (200, 2000):
        compared.clear()
        texts = [[*PARCEL.split(), word[0]] for word in _sentences(n, seed=2)] if alike else _sentences(n, seed=3)
        list(near_pairs(texts))
        per_text.append(sum(compared) / n)
    assert max(per_text) <= near.BANDS


@pytest.mark.parametrize("text", ["It's Bob's, isn't it?", "a_b-c (d) [e]", "1+1 = 2", "ß É x", "''x''", "", "\x00a"])
def test_words_found_the_short_way_are_those_of_the_long_way(text: str):
    from labelqa.text import words_of

    assert tokens_of(text) == [*words_of(text), *near._SIGN.findall(text)]
