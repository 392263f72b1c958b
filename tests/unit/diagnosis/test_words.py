from __future__ import annotations

from dataclasses import replace

import pytest

from labelqa.diagnosis.words import ACTIONS, Case, Given, reason, tally

LONE = Case(
    given=(Given("sport", 3, ("ann", "ben", "cem"), 0.05), Given("politics", 1, ("dan",), 0.05)),
    n_people=4,
    repeated=False,
    changed=(),
    cause="slip",
    probability=0.9,
    second="variation",
    second_probability=0.1,
)
SPLIT = replace(LONE, given=(Given("sport", 2, ("ann", "ben"), 0.05), Given("politics", 2, ("cem", "dan"), 0.05)))
PAIR = {"pair": ("politics", "sport"), "frequency": 0.124}


APART = "and sport and politics are not known to be mixed up, so this is probably a slip."
LONE_TEXT = "3 x sport, 1 x politics: only 'dan'"
EVEN_TEXT = "2 x sport, 2 x politics: "


@pytest.mark.parametrize(
    ("case", "text"),
    [
        (LONE, f"{LONE_TEXT} says politics, {APART}"),
        (
            replace(LONE, given=(LONE.given[0], replace(LONE.given[1], error=0.22))),
            f"{LONE_TEXT}, whose labels are wrong about 22% of the time, says politics, {APART}",
        ),
        (
            replace(LONE, **PAIR),
            f"{LONE_TEXT} says politics, and although sport and politics are often mixed up, most people agree, "
            "so this is probably a slip.",
        ),
        (
            SPLIT,
            f"{EVEN_TEXT}probably a slip, but as many labels for politics as for sport cannot tell whose; "
            "let somebody else decide.",
        ),
        (
            replace(SPLIT, cause="definition", **PAIR),
            f"{EVEN_TEXT}people mix up politics and sport on other items, too "
            "(about 12% of all items lie between them), so the instruction does not seem to settle it.",
        ),
        (
            replace(SPLIT, cause="variation", repeated=True),
            f"{EVEN_TEXT}sport and politics have several labels each and are not known to be mixed up, "
            "so more than one answer may be right; everybody who was asked again said the same.",
        ),
        (
            replace(LONE, probability=0.5, second_probability=0.4),
            f"{LONE_TEXT} says politics, {APART} Not sure (50%): it may be genuine variation as well (40%).",
        ),
    ],
)
def test_the_reason_says_who_said_what_and_why(case: Case, text: str) -> None:
    assert reason(case) == text


@pytest.mark.parametrize("cause", ACTIONS)
@pytest.mark.parametrize("n_people", [1, 2, 4])
@pytest.mark.parametrize("model", [None, ("culture", 0.1)])
@pytest.mark.parametrize(
    "given", [LONE.given, SPLIT.given, LONE.given[:1], (*SPLIT.given, Given("art", 1, ("e",), 0.3))]
)
def test_every_case_has_a_reason_of_one_line_without_gaps(cause, n_people, model, given) -> None:
    case = replace(LONE, cause=cause, n_people=n_people, model=model, given=given, **PAIR)
    text = reason(case)
    assert text.startswith(tally(given))
    assert text.endswith(".")
    for bad in ("  ", "..", ",,", "None", "nan", "\n", " ,", " ;"):
        assert bad not in text


def test_names_that_act_are_spelled_out_and_long_ones_cut() -> None:
    text = tally([Given("a\x1b[31m" + "b" * 100, 1, ("x",), 0.0)])
    assert "\x1b" not in text
    assert len(text) < 60
