"""The form of one rule: what kind, about which class, its text, an example, and the decisions that it rests on."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any
from uuid import uuid4

import streamlit as st

import labelqa as lq
from labelqa_app import editing, parts
from labelqa_app.deciding import Pair, kept, owner_of
from labelqa_app.editing import Work
from labelqa_app.marks import diff_html
from labelqa_app.markup import escaped, markdown
from labelqa_app.rulebook import TITLES
from labelqa_app.shell import Here, guarded

KINDS = {**TITLES, "boundary": "Boundary to another class"}
FORM = "_rule_form"
HINTS = {
    "definition": "One or two sentences that say what makes an item this class.",
    "use_when": "A condition that one can check in the item.",
    "do_not_use_when": "What looks like this class and is not; name the class to use instead.",
    "boundary": "What decides between the two: one question that one can answer by reading the item.",
    "order": "What to check first, second, third.",
    "positive_example": "Why the item is of this class.",
    "negative_example": "Why the item is not of this class.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """A form that is open.

    Attributes
    ----------
    of : tuple of str
        Place, project, person and rule.
    focus : pair, str or None
        What is worked on, where the rule is a new one.
    key : str
        What the keys of its fields end with: the same until another rule, or another text of it, is drawn.
    classes : tuple of str
        The classes of the project.
    start : Rule
        What the fields began with.
    seen : Rule or None
        The rule as this form stored it last; None while it is not in the draft.
    is_new : bool
        Whether the rule was begun here.
    lost : str
        What was typed here and could not be stored, because another window changed the rule.
    """

    of: tuple[str, ...]
    focus: Pair | str | None
    key: str
    classes: tuple[str, ...]
    start: lq.Rule
    seen: lq.Rule | None
    is_new: bool
    lost: str = ""


def rule_form(here: Here, work: Work, rule: lq.Rule | None, focus: Pair | str | None, decisions: list[Any]) -> None:
    """Draw the form for a rule, or for a new one where `rule` is None; what is typed is stored when a field is left."""
    form = _form(here, work, rule, focus)
    with st.container(border=True, key="lq-rule-form"):
        st.markdown(f"**{'New rule' if form.is_new else 'Change'} {(form.seen or form.start).id}**")
        if form.lost:
            st.warning("Another window changed this rule. It is shown as it is stored now; you had written:")
            parts.plain(form.lost, "lq-quote")
        _fields(here, form, decisions)
        _live(work, form, decisions)
        _buttons(here, form, decisions)


def _form(here: Here, work: Work, rule: lq.Rule | None, focus: Pair | str | None) -> Form:
    """Return the form that is open, or open one where another rule, or another text of it, is to be drawn."""
    rule_id = editing.free_id(here, work) if rule is None else rule.id
    of, now = (*owner_of(here), rule_id), st.session_state.get(FORM)
    if now is not None and now.seen is rule is None and (now.of[:-1], now.focus) == (of[:-1], focus):
        return now  # a new rule keeps its fields though another window takes its id
    if now is None or rule is None or (now.of, now.seen) != (of, rule):
        lost = _typed(now) if now is not None and rule is not None and now.of == of else ""
        start = rule or _empty(rule_id, focus, here.project.classes)
        now = Form(
            of=of, focus=focus, key=uuid4().hex[:12], classes=here.project.classes, start=start, seen=rule,
            is_new=rule is None, lost=lost,
        )  # fmt: skip
        st.session_state[FORM] = now
    return now


def is_begun(here: Here, rule: lq.Rule) -> bool:
    """Tell whether this is the new rule of the open form, which stays where it was begun."""
    now = st.session_state.get(FORM)
    return now is not None and now.is_new and now.of == (*owner_of(here), rule.id)


def _typed(form: Form) -> str:
    """Return what was typed into a form and is not stored."""
    text = (st.session_state.get(f"text_{form.key}") or "").strip()
    return "" if text == (form.seen or form.start).text else text


def _fields(here: Here, form: Form, decisions: list[Any]) -> None:
    """Draw the fields; :func:`_made` reads them, and leaving one stores them."""
    classes, start, key = here.project.classes, form.start, form.key
    told: dict[str, Any] = {"on_change": _keep, "args": (here, form, decisions)}
    left, right = st.columns(2)
    with left:
        kind = st.selectbox(
            "Kind of rule", list(KINDS), index=list(KINDS).index(start.kind), format_func=KINDS.__getitem__,
            key=f"kind_{key}", **told,
        )  # fmt: skip
    with right:
        name = st.selectbox("Class", classes, index=classes.index(start.class_name), key=f"class_{key}", **told)
    _other(kind, name, form, told)
    st.text_area(
        "Rule, as people who label will read it", start.text, key=f"text_{key}", height=110, help=HINTS[kind],
        placeholder=HINTS[kind], **told,
    )  # fmt: skip
    _item(kind, form, decisions, told)
    _evidence(form, decisions, told)


def _made(form: Form, decisions: list[Any]) -> lq.Rule:
    """Return the rule that the fields make as they are now: also when one was typed in a moment before the click."""
    state, key, start = st.session_state, form.key, form.start
    kind, name = state[f"kind_{key}"], state[f"class_{key}"]
    wanted = _usual_other(kind, name, start, form.classes)  # until the field of another kind is drawn
    other = state.get(_other_key(kind, name, key), wanted) if kind in editing.AGAINST else None
    item = state.get(f"item_{key}", start.item) if kind in editing.SHOWING else None
    return replace(
        start, class_name=name, kind=kind, other=other, text=(state[f"text_{key}"] or "").strip(), item=item,
        evidence=_rests_on(form, decisions),
    )  # fmt: skip


def _rests_on(form: Form, decisions: list[Any]) -> tuple[lq.Evidence, ...]:
    start = form.start
    shown = {d.uuid: d for d in decisions[: editing.DECISIONS_SHOWN]}
    before = {e.ref: e for e in start.evidence if e.kind == "decision" and e.ref in shown}
    others = [e for e in start.evidence if e not in before.values()]
    picked = [d for d in shown.values() if st.session_state.get(f"rests_{form.key}_{d.uuid}")]
    return (
        *others,
        *(
            before.get(d.uuid) or lq.Evidence(kind="decision", ref=d.uuid, note=f"{d.item}: {' or '.join(d.labels)}")
            for d in picked
        ),
    )


def _other_key(kind: str, name: str, key: str) -> str:
    return f"other_{key}_{name}_{kind == 'boundary'}"


def _empty(rule_id: str, focus: Pair | str | None, classes: tuple[str, ...]) -> lq.Rule:
    if isinstance(focus, tuple):
        return lq.Rule(id=rule_id, class_name=focus[0], kind="boundary", other=focus[1], text="")
    return lq.Rule(id=rule_id, class_name=focus or classes[0], kind="use_when", text="")


def _usual_other(kind: str, name: str, start: lq.Rule, classes: tuple[str, ...]) -> str | None:
    """Return the other class that the form begins with."""
    others = [c for c in classes if c != name]
    before = start.other if start.other in others else start.class_name if start.other == name else None
    if before in others:
        return before
    return others[0] if kind == "boundary" and others else None


def _other(kind: str, name: str, form: Form, told: dict[str, Any]) -> None:
    if kind not in editing.AGAINST:
        return
    others = [c for c in form.classes if c != name]
    usual = _usual_other(kind, name, form.start, form.classes)
    at = None if usual is None else others.index(usual)
    label = "The other class" if kind == "boundary" else "Instead, or mistaken for (may be empty)"
    st.selectbox(label, others, index=at, key=_other_key(kind, name, form.key), placeholder="None", **told)


def _item(kind: str, form: Form, decisions: list[Any], told: dict[str, Any]) -> None:
    if kind not in editing.SHOWING:
        return
    start = form.start
    known = {d.item: f"{d.item} · {' or '.join(d.labels)} · {d.shown}" for d in decisions}
    if start.item is not None:
        known.setdefault(start.item, start.item)
    if not known:
        st.caption("To show an item as an example, decide one first on the page Disagreements.")
        return
    options = list(known)
    at = options.index(start.item) if start.item in known else None
    st.selectbox(
        "Item that shows it (may be empty)", options, index=at, key=f"item_{form.key}", placeholder="None", **told,
        format_func=lambda i: known[i].replace("\0", "\N{SYMBOL FOR NULL}")[:160],
        help="One of the decided items. People who label by this instruction may know it, so it is not asked for again "
        "in the proof.",
    )  # fmt: skip


def _evidence(form: Form, decisions: list[Any], told: dict[str, Any]) -> None:
    """Draw the decisions that the rule can rest on; a click attaches one."""
    attached = {e.ref for e in form.start.evidence if e.kind == "decision"}
    shown = decisions[: editing.DECISIONS_SHOWN]
    if not shown:
        return
    st.markdown(
        "**Rests on these decisions**", help="They are stored with the rule, so that everyone can see later why it is "
        "there. Annotators do not see them.",
    )  # fmt: skip
    with st.container(height=260 if len(shown) > 3 else "content", border=len(shown) > 3, gap="small"):
        for found in shown:
            rests = found.uuid in attached or (form.is_new and found.cause not in ("slip", "confirmed"))
            line = st.container(horizontal=True, gap="small")
            line.container(width=28).checkbox(
                f"Rests on the decision about {markdown(found.item)}", rests, key=f"rests_{form.key}_{found.uuid}",
                label_visibility="collapsed", **told,
            )  # fmt: skip
            line.container(width="stretch").html(decision_html(found))


def decision_html(found: Any) -> str:  # noqa: ANN401  # a decision with its text
    """Return a decided item in short, escaped."""
    note = f" · {escaped(found.note)}" if found.note else ""
    return (
        f'<p class="lq-small" dir="auto">{escaped(found.item)} · <b>{escaped(" or ".join(found.labels))}</b>{note}</p>'
        f'<p class="lq-quote" dir="auto">{escaped(found.shown)}</p>'
    )


def _live(work: Work, form: Form, decisions: list[Any]) -> None:
    """Draw what this rule would change in the published guideline."""

    def draw() -> None:
        found = _made(form, decisions)
        shown = diff_html(lq.diff_guidelines(work.base.guideline, work.guideline.with_rule(found)), found.id)
        if shown and not found.is_empty:
            st.caption("Against the published version:")
            st.html(shown)

    guarded(draw)


def _buttons(here: Here, form: Form, decisions: list[Any]) -> None:
    with st.container(horizontal=True):
        st.button(
            "Save in the draft", type="primary", icon=":material/save:", key=f"rule_save_{form.key}", on_click=_save,
            args=(here, form, decisions), shortcut="Ctrl+Enter",
        )  # fmt: skip
        st.button("Close", key=f"rule_close_{form.key}", on_click=_close, help="What you typed stays in your draft.")
        if form.seen is not None:
            st.button(
                "Take the rule out", key=f"rule_remove_{form.key}", icon=":material/delete:", on_click=_remove,
                args=(here, form.seen), help="Only from your draft; the published version keeps it until you publish.",
            )  # fmt: skip
    st.caption("What you type is stored in your draft as soon as you leave the field.")


def _keep(here: Here, form: Form, decisions: list[Any]) -> None:
    """Store what the fields say as soon as one is left; an empty rule is not stored."""
    made: list[lq.Rule] = []
    if not kept(lambda: made.append(_made(form, decisions)), editing.PROBLEM) or made[0].is_empty:
        return
    _put(here, form, made[0])


def _put(here: Here, form: Form, made: lq.Rule, *, quiet: bool = True) -> bool:
    """Store the rule of a form; the form goes on with what is stored, under its own fields."""
    now = st.session_state.get(FORM)
    seen = now.seen if now is not None and now.key == form.key else form.seen  # a field may have stored it just now
    if seen is not None:
        made = replace(made, id=seen.id)
    stored = editing.put_rule(here, made, seen, quiet=quiet)
    if stored is None:
        return False
    st.session_state[FORM] = replace(form, of=(*form.of[:-1], stored.id), seen=stored, lost="")
    if st.query_params.get(editing.RULE) in (None, editing.NEW):
        st.query_params[editing.RULE] = stored.id
    return True


def _save(here: Here, form: Form, decisions: list[Any]) -> None:
    found: list[lq.Rule] = []
    if not kept(lambda: found.append(_made(form, decisions)), editing.PROBLEM):
        return
    if found[0].is_empty:
        st.session_state[editing.PROBLEM] = editing.EmptyRuleError()
    elif _put(here, form, found[0], quiet=False):
        _close()


def _remove(here: Here, seen: lq.Rule) -> None:
    if editing.remove_rule(here, seen):
        _close()


def _close() -> None:
    st.query_params[editing.RULE] = editing.CLOSED
    st.session_state.pop(FORM, None)
