"""User text made safe to show."""

from __future__ import annotations

import pytest

from labelqa.text import counted, shortened, visible


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("a\tb\n c ", "a b c"),
        ("\x1b[31mred\x07", r"\x1b[31mred\x07"),
        ("a\u202eb\u2066", r"a\u202eb\u2066"),
        ("\x1fa", r"\x1fa"),
        ("\ud800", "\ufffd"),
        ("\ufeffid", r"\ufeffid"),
        (7, "7"),
        (
            "na\u00efve \U0001f468\u200d\U0001f469\u200d\U0001f467",
            "na\u00efve \U0001f468\u200d\U0001f469\u200d\U0001f467",
        ),
    ],
)
def test_nothing_acts_and_everything_else_stays(given, shown):
    assert visible(given) == shown


def test_labels_that_differ_in_an_invisible_character_look_different():
    assert visible("sport\u202c") != visible("sport")


def test_shortened_text_keeps_the_limit_and_says_that_it_was_cut():
    assert shortened("x" * 50, 10) == "x" * 9 + "…"
    assert shortened("short", 10) == "short"


@pytest.mark.parametrize(
    ("n", "words", "shown"),
    [
        (0, ("item",), "0 items"),
        (1, ("item",), "1 item"),
        (1234, ("item",), "1,234 items"),
        (1, ("class", "classes"), "1 class"),
        (2, ("class", "classes"), "2 classes"),
    ],
)
def test_one_thing_has_no_plural(n, words, shown):
    assert counted(n, *words) == shown
