"""The form of one rule: what kind, about which class, its text, an example, and the decisions that it rests on."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import Any

import streamlit as st

import labelqa as lq
from labelqa_app import editing
from labelqa_app.deciding import Pair, kept
from labelqa_app.editing import Work
from labelqa_app.marks import diff_html
from labelqa_app.rulebook import TITLES, escaped
from labelqa_app.shell import Here, guarded

KINDS = {**TITLES, "boundary": "Boundary to another class"}
HINTS = {
    "definition": "One or two sentences that say what makes an item this class.",
    "use_when": "A condition that one can check in the item.",
    "do_not_use_when": "What looks like this class and is not; name the class to use instead.",
    "boundary": "What decides between the two: one question that one can answer by reading the item.",
    "order": "What to check first, second, third.",
    "positive_example": "Why the item is of this class.",
    "negative_example": "Why the item is not of this class.",
}


def rule_form(here: Here, work: Work, rule: lq.Rule | None, focus: Pair | str | None, decisions: list[Any]) -> None:
    """Draw the form for a rule, or for a new one where `rule` is None."""
    rule_id = editing.free_id(here, work) if rule is None else rule.id
    start = rule or _empty(rule_id, focus, here.project.classes)
    key = hashlib.sha256(f"{rule_id} {rule!r} {focus!r}".encode(errors="replace")).hexdigest()[:12]
    with st.container(border=True, key="lq-rule-form"):
        st.markdown(f"**{'New rule' if rule is None else 'Change'} {rule_id}**")
        _fields(here, start, decisions, key, is_new=rule is None)
        _live(work, start, decisions, key)
        _buttons(here, start, rule, decisions, key)


def _fields(here: Here, start: lq.Rule, decisions: list[Any], key: str, *, is_new: bool) -> None:
    """Draw the fields; :func:`_made` reads them."""
    classes = here.project.classes
    left, right = st.columns(2)
    with left:
        kind = st.selectbox(
            "Kind of rule", list(KINDS), index=list(KINDS).index(start.kind), format_func=KINDS.__getitem__,
            key=f"kind_{key}",
        )  # fmt: skip
    with right:
        name = st.selectbox("Class", classes, index=classes.index(start.class_name), key=f"class_{key}")
    _other(kind, name, start, classes, key)
    st.text_area(
        "Rule, as people who label will read it", start.text, key=f"text_{key}", height=110, help=HINTS[kind],
        placeholder=HINTS[kind],
    )  # fmt: skip
    _item(kind, start, decisions, key)
    _evidence(start, decisions, key, is_new=is_new)


def _made(start: lq.Rule, decisions: list[Any], key: str) -> lq.Rule:
    """Return the rule that the fields make as they are now: also when one was typed in a moment before the click."""
    state = st.session_state
    kind, name = state[f"kind_{key}"], state[f"class_{key}"]
    other = state.get(_other_key(kind, name, key)) if kind in editing.AGAINST else None
    item = state.get(f"item_{key}", start.item) if kind in editing.SHOWING else None
    return replace(
        start, class_name=name, kind=kind, other=other, text=(state[f"text_{key}"] or "").strip(), item=item,
        evidence=_rests_on(start, decisions, key),
    )  # fmt: skip


def _rests_on(start: lq.Rule, decisions: list[Any], key: str) -> tuple[lq.Evidence, ...]:
    shown = {d.uuid: d for d in decisions[: editing.DECISIONS_SHOWN]}
    before = {e.ref: e for e in start.evidence if e.kind == "decision" and e.ref in shown}
    others = [e for e in start.evidence if e not in before.values()]
    picked = [d for d in shown.values() if st.session_state.get(f"rests_{key}_{d.uuid}")]
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


def _other(kind: str, name: str, start: lq.Rule, classes: tuple[str, ...], key: str) -> None:
    if kind not in editing.AGAINST:
        return
    others = [c for c in classes if c != name]
    before = start.other if start.other in others else start.class_name if start.other == name else None
    required = kind == "boundary"
    at = others.index(before) if before in others else (0 if required and others else None)
    label = "The other class" if required else "Instead, or mistaken for (may be empty)"
    st.selectbox(label, others, index=at, key=_other_key(kind, name, key), placeholder="None")


def _item(kind: str, start: lq.Rule, decisions: list[Any], key: str) -> None:
    if kind not in editing.SHOWING:
        return
    known = {d.item: f"{d.item} · {' or '.join(d.labels)} · {d.shown}" for d in decisions}
    if start.item is not None:
        known.setdefault(start.item, start.item)
    if not known:
        st.caption("To show an item as an example, decide one first on the page Disagreements.")
        return
    options = list(known)
    at = options.index(start.item) if start.item in known else None
    st.selectbox(
        "Item that shows it (may be empty)", options, index=at, key=f"item_{key}", placeholder="None",
        format_func=lambda i: known[i].replace("\0", "\N{SYMBOL FOR NULL}")[:160],
        help="One of the decided items. People who label by this guideline may know it, so it is not asked for again "
        "in the proof.",
    )  # fmt: skip


def _evidence(start: lq.Rule, decisions: list[Any], key: str, *, is_new: bool) -> None:
    """Draw the decisions that the rule can rest on; a click attaches one."""
    attached = {e.ref for e in start.evidence if e.kind == "decision"}
    shown = decisions[: editing.DECISIONS_SHOWN]
    if not shown:
        return
    st.markdown(
        "**Rests on these decisions**", help="They are stored with the rule, so that everyone can see later why it is "
        "there. Annotators do not see them.",
    )  # fmt: skip
    with st.container(height=260 if len(shown) > 3 else "content", border=len(shown) > 3, gap="small"):
        for at, found in enumerate(shown, start=1):
            told = found.uuid in attached or (is_new and found.cause not in ("slip", "confirmed"))
            line = st.container(horizontal=True, gap="small")
            line.container(width=28).checkbox(
                f"Rests on decision {at}", told, key=f"rests_{key}_{found.uuid}", label_visibility="collapsed"
            )
            line.container(width="stretch").html(decision_html(found))


def decision_html(found: Any) -> str:  # noqa: ANN401  # a decision with its text
    """Return a decided item in short, escaped."""
    note = f" · {escaped(found.note)}" if found.note else ""
    return (
        f'<p class="lq-small" dir="auto">{escaped(found.item)} · <b>{escaped(" or ".join(found.labels))}</b>{note}</p>'
        f'<p class="lq-quote" dir="auto">{escaped(found.shown)}</p>'
    )


def _live(work: Work, start: lq.Rule, decisions: list[Any], key: str) -> None:
    """Draw what this rule would change in the published guideline."""

    def draw() -> None:
        found = _made(start, decisions, key)
        shown = diff_html(lq.diff_guidelines(work.base.guideline, work.guideline.with_rule(found)), found.id)
        if shown and not found.is_empty:
            st.caption("Against the published version:")
            st.html(shown)

    guarded(draw)


def _buttons(here: Here, start: lq.Rule, seen: lq.Rule | None, decisions: list[Any], key: str) -> None:
    with st.container(horizontal=True):
        st.button(
            "Save in the draft", type="primary", icon=":material/save:", key=f"rule_save_{key}", on_click=_save,
            args=(here, start, seen, decisions, key), shortcut="Ctrl+Enter",
        )  # fmt: skip
        st.button("Close", key=f"rule_close_{key}", on_click=_close)
        if seen is not None:
            st.button(
                "Take the rule out", key=f"rule_remove_{key}", icon=":material/delete:", on_click=_remove,
                args=(here, seen), help="Only from your draft; the published version keeps it until you publish.",
            )  # fmt: skip


def _save(here: Here, start: lq.Rule, seen: lq.Rule | None, decisions: list[Any], key: str) -> None:
    found: list[lq.Rule] = []
    if not kept(lambda: found.append(_made(start, decisions, key)), editing.PROBLEM):
        return
    if found[0].is_empty:
        st.session_state[editing.PROBLEM] = editing.EmptyRuleError()
    elif editing.put_rule(here, found[0], seen):
        _close()


def _remove(here: Here, seen: lq.Rule) -> None:
    if editing.remove_rule(here, seen):
        _close()


def _close() -> None:
    st.query_params[editing.RULE] = editing.CLOSED
