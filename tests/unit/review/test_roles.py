"""Who may do what."""

from __future__ import annotations

import pytest

from labelqa.errors import NotAllowedError, ParameterError
from labelqa.review import roles
from labelqa.review.roles import ACTIONS, ROLES, check_allowed, is_allowed


def test_a_lead_may_do_everything_and_each_role_what_the_one_below_may():
    for action in ACTIONS:
        allowed = [is_allowed(role, action) for role in ROLES]
        assert allowed == sorted(allowed)
        assert allowed[-1]


def test_annotators_label_and_read_the_guideline_and_nothing_else():
    assert [a for a in ACTIONS if is_allowed("annotator", a)] == ["label", "read_guideline"]


def test_reviewers_decide_draft_and_read_results_and_publish_nothing():
    more = [a for a in ACTIONS if is_allowed("reviewer", a) and not is_allowed("annotator", a)]
    assert more == ["read_results", "adjudicate", "edit_draft"]


@pytest.mark.parametrize("action", ACTIONS)
def test_strangers_may_do_nothing_and_the_message_says_who_may(action):
    with pytest.raises(NotAllowedError, match="'eve' is not one of the people of this project"):
        check_allowed(None, action, "eve")


def test_the_message_says_what_the_actor_is_and_who_may():
    with pytest.raises(NotAllowedError) as error:
        check_allowed("annotator", "adjudicate", "bo")
    assert str(error.value) == "'bo' is an annotator and may not decide on items. Only a reviewer or a lead may."
    assert error.value.problem.value == "bo"
    assert isinstance(error.value, PermissionError)


def test_unknown_actions_and_roles_are_mistakes_of_the_caller():
    with pytest.raises(ParameterError, match="did you mean 'adjudicate'"):
        check_allowed("lead", "ajudicate", "ana")
    with pytest.raises(ParameterError, match="role='boss' is not known"):
        check_allowed("boss", "label", "ana")


def test_every_action_has_words():
    assert set(roles._WORDS) == set(ACTIONS)
