"""The draft of the instruction: what is written so far, changed rule by rule, and what a change touches."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import streamlit as st

import labelqa as lq
from labelqa import review
from labelqa_app import parts
from labelqa_app.deciding import Pair, kept, text_of
from labelqa_app.shell import Here

PROBLEM = "_editing_problem"
RULE, FIRST, SECOND, VIEW, ROUND, SLICE = "rule", "a", "b", "view", "round", "slice"  # names in the address
NEW, CLOSED = "new", "none"  # values of "rule" beside the ids
AGAINST = ("boundary", "do_not_use_when", "positive_example", "negative_example")  # kinds that may name another class
SHOWING = ("boundary", "positive_example", "negative_example")  # kinds that may show an item
DECISIONS_SHOWN, DECISIONS_LISTED = 12, 200
TRIES = 3  # of storing a change while another window stores others


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """What somebody works on: the draft, or the guideline in force where there is none.

    Attributes
    ----------
    current, base : GuidelineVersion
        The version in force, and the one that the draft was made from.
    guideline : Guideline
        What is written so far.
    stored : str or None
        Hash of the draft that is stored: what is stored next replaces this one and no other.
    conflict : DraftConflict or None
        Both changes, where another version was published since.
    """

    current: lq.GuidelineVersion
    base: lq.GuidelineVersion
    guideline: lq.Guideline
    stored: str | None
    conflict: Any = None

    @property
    def diff(self) -> lq.GuidelineDiff:
        """What the draft changes."""
        return lq.diff_guidelines(self.base.guideline, self.guideline)

    @property
    def changed(self) -> bool:
        """Whether there is anything to publish."""
        return self.guideline.content_hash != self.current.content_hash


Change = Callable[[Work], lq.Guideline]


class ChangedMeanwhileError(lq.LabelqaError):
    """The rule was changed in another window since its form was drawn."""

    def __init__(self, rule_id: str) -> None:
        self.problems = ()
        Exception.__init__(
            self, f"{rule_id} was changed in another window meanwhile. Nothing was overwritten: read it again."
        )


class PublishedMeanwhileError(lq.LabelqaError):
    """Another version was published since the two texts were shown."""

    def __init__(self, number: int) -> None:
        self.problems = ()
        Exception.__init__(
            self, f"Version {number} was published meanwhile. Nothing was stored: what both changed is shown anew, "
            "choose again."
        )  # fmt: skip


class EmptyRuleError(lq.LabelqaError):
    """A rule without text."""

    def __init__(self) -> None:
        self.problems = ()
        Exception.__init__(self, "The rule is empty. Write it first; nothing was stored.")


class NotTogetherError(lq.LabelqaError):
    """Two changes cannot be put together rule by rule."""

    def __init__(self) -> None:
        self.problems = ()
        Exception.__init__(
            self, "These changes cannot be put together rule by rule. Throw your draft away and write it on what is "
            "published now; both texts in full are shown above."
        )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Deciding:
    """A decision that a rule can rest on, with what its item is about."""

    uuid: str
    item: str
    labels: tuple[str, ...]
    cause: str
    note: str
    actor: str
    shown: str


def work_of(here: Here) -> Work:
    """Return what this person works on."""
    current = review.guideline_version(here.project, actor=here.actor)
    draft = review.draft_of(here.project, actor=here.actor)
    stored = None if draft is None else draft.guideline.content_hash
    if draft is None or stored == current.content_hash:
        return Work(current=current, base=current, guideline=current.guideline, stored=stored)
    conflict = review.draft_conflict(here.project, draft, actor=here.actor)
    base = draft.base if conflict is not None else current
    return Work(current=current, base=base, guideline=draft.guideline, stored=stored, conflict=conflict)


def free_id(here: Here, work: Work) -> str:
    """Return the id of the next new rule: one that no rule ever had."""
    history = review.guideline_history(here.project, actor=here.actor)
    return work.guideline.next_id(v.guideline for v in history)


def store(here: Here, guideline: lq.Guideline, base: int, seen: str | None) -> None:
    """Store the draft of this person in place of the one that was seen.

    Raises
    ------
    ChangedMeanwhileError
        If another window stored another one; nothing is overwritten.
    """
    if not _replaced(lambda: review.save_draft(here.project, guideline, base=base, actor=here.actor, replaces=seen)):
        raise ChangedMeanwhileError("Your draft")


def _replaced(action: Callable[[], object]) -> bool:
    """Tell whether the stored draft was still the one that was seen, and so was replaced."""
    try:
        action()
    except lq.LabelqaError as error:
        if any(p.parameter == "replaces" for p in error.problems):
            return False
        raise
    return True


def change_draft(here: Here, change: Change, told: Callable[[], str | None]) -> bool:
    """Change the draft as it is stored now and store it; tell whether that went well."""

    def once() -> object:
        work = work_of(here)
        return review.save_draft(
            here.project, change(work), base=work.base.number, actor=here.actor, replaces=work.stored
        )

    def act() -> None:
        if not any(_replaced(once) for _ in range(TRIES)):  # another window may store other parts at the same time
            raise ChangedMeanwhileError("Your draft")
        message = told()
        if message:
            parts.saved(message)

    return kept(act, PROBLEM)


def put_rule(here: Here, rule: lq.Rule, seen: lq.Rule | None, *, quiet: bool = False) -> lq.Rule | None:
    """Store a rule in the draft, unless it is another one than the form showed; return it as it is stored.

    A new rule gets another id where another window took that one. None where nothing was stored.
    """
    made = rule

    def change(work: Work) -> lq.Guideline:
        nonlocal made
        now = rule_in(work.guideline, rule.id)
        made = rule
        if now == rule:  # pressed twice
            return work.guideline
        if seen is None and now is not None:  # another window took the id
            made = replace(rule, id=free_id(here, work))
        elif now != seen:
            raise ChangedMeanwhileError(rule.id)
        return work.guideline.with_rule(made)

    stored = change_draft(here, change, lambda: None if quiet else f"{made.id} is stored in your draft.")
    return made if stored else None


def remove_rule(here: Here, seen: lq.Rule) -> bool:
    """Take a rule out of the draft."""

    def change(work: Work) -> lq.Guideline:
        now = rule_in(work.guideline, seen.id)
        if now is None:
            return work.guideline
        if now != seen:
            raise ChangedMeanwhileError(seen.id)
        return work.guideline.without_rule(seen.id)

    return change_draft(here, change, lambda: f"{seen.id} is taken out of your draft.")


def bring_back(here: Here, rule_id: str, seen: lq.Rule | None) -> None:
    """Take one change back: the rule is as it is published, unless it is another one than was shown."""

    def change(work: Work) -> lq.Guideline:
        if rule_in(work.guideline, rule_id) != seen:
            raise ChangedMeanwhileError(rule_id)
        published = rule_in(work.current.guideline, rule_id)
        if published is not None:
            return work.guideline.with_rule(published)
        return work.guideline.without_rule(rule_id)

    change_draft(here, change, lambda: f"{rule_id} is as it is published.")


def rule_in(guideline: lq.Guideline, rule_id: str) -> lq.Rule | None:
    """Return the rule of that id, or None."""
    return next((r for r in guideline.rules if r.id == rule_id), None)


def settled(here: Here, work: Work, theirs_for: Iterable[str]) -> lq.Guideline | None:
    """Return both changes in one guideline; where both changed a part, theirs for the named ones and else mine.

    None where that is not possible rule by rule.
    """
    theirs, yours, chosen = work.conflict.theirs.guideline, work.conflict.yours, set(theirs_for)
    even = yours
    for part in work.conflict.merge.conflicts:
        even = _as_in(even, theirs, part)
    draft = review.draft_of(here.project, actor=here.actor)
    found = None if draft is None else review.draft_conflict(
        here.project, replace(draft, guideline=even), actor=here.actor
    )  # fmt: skip
    merged = even if found is None else found.merged
    if merged is None:
        return None
    for part in (p for p in work.conflict.merge.conflicts if p not in chosen):
        merged = _as_in(merged, yours, part)
    return merged


def _as_in(guideline: lq.Guideline, source: lq.Guideline, part: str) -> lq.Guideline:
    """Return the guideline with one part as `source` has it."""
    if part in ("title", "introduction"):
        return replace(guideline, **{part: getattr(source, part)})
    rule = rule_in(source, part)
    if rule is not None:
        return guideline.with_rule(rule)
    return guideline if rule_in(guideline, part) is None else guideline.without_rule(part)


def take(here: Here, guideline: lq.Guideline, base: int, seen: str | None, told: str) -> None:
    """Store a guideline as the draft of this person, in place of the one that was seen."""

    def act() -> None:
        store(here, guideline, base, seen)
        parts.saved(told)

    kept(act, PROBLEM)


def drop(here: Here, seen: str | None) -> None:
    """Throw the draft of this person away, if it is the one that was seen."""

    def act() -> None:
        if not _replaced(lambda: review.drop_draft(here.project, actor=here.actor, replaces=seen)):
            raise ChangedMeanwhileError("Your draft")
        parts.saved("Your draft is thrown away; the published instruction is unchanged.")

    kept(act, PROBLEM)


def seen_labels(here: Here) -> lq.Annotations | None:
    """Return the labels that people may see who write rules; None while there are none."""
    try:
        return review.visible_annotations(here.project, "rules", actor=here.actor)
    except lq.LabelqaError:
        return None


def round_of(here: Here) -> int | None:
    """Return the round that the address names, if it can be looked at; None is the last one."""
    asked = st.query_params.get(ROUND, "")
    closed = review.progress(here.project, actor=here.actor).facts.closed
    if not asked.isdecimal() or len(asked) > 8 or int(asked) not in closed:
        return None
    try:
        review.visible_annotations(here.project, "rules", actor=here.actor, round=int(asked))
    except lq.LabelqaError:  # all of its items are held out
        return None
    return int(asked)


def item_texts(data: lq.Annotations | None, items: Iterable[str]) -> dict[str, str]:
    """Return what items are about, of those that are known; empty for the others."""
    wanted = list(items)
    if data is None:
        return dict.fromkeys(wanted, "")
    places = data.items.get_indexer(wanted)
    found = {}
    for item, at in zip(wanted, places.tolist(), strict=True):
        found[item] = "" if at < 0 else text_of(data.item_data.iloc[at].to_dict(), 100_000)
    return found


def deciding_items(
    here: Here, data: lq.Annotations | None, names: Iterable[str], among: Collection[str] | None = None
) -> list[Deciding]:
    """Return the decisions that a rule about these classes can rest on, with what their items are about.

    Of a slice, where its items are named by `among`, those of other items are left out.
    """
    found = review.decisions_between(here.project, names, actor=here.actor, among=among)
    texts = item_texts(data, [d.item for d in found[:DECISIONS_LISTED]])
    return [
        Deciding(uuid=d.uuid, item=d.item, labels=d.labels, cause=d.cause, note=d.note, actor=d.actor,
                 shown=shortened(texts[d.item]))
        for d in found[:DECISIONS_LISTED]
    ]  # fmt: skip


def shortened(text: str, longest: int = 220) -> str:
    """Return the beginning of a text."""
    return text if len(text) <= longest else f"{text[:longest]}…"


def lint(work: Work, data: lq.Annotations | None) -> lq.GuidelineLint:
    """Look for what people would stumble over; of the items, only those that rules cite are looked at."""
    cited: Mapping[str, str] = item_texts(data, work.guideline.cited_items)
    return lq.lint_guideline(work.guideline, cited)


def focus_of(here: Here) -> Pair | str | None:
    """Return the pair, or the class, that the address names."""
    a, b = st.query_params.get(FIRST), st.query_params.get(SECOND)
    known = here.project.classes
    if a in known and b in known and a != b:
        return (a, b) if known.index(a) < known.index(b) else (b, a)
    return a if a in known else None
