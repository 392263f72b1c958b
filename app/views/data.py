"""The data of a project: open a file and start, or what is in it, who works on it, and what happened."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pandas as pd
import streamlit as st

import labelqa as lq
from labelqa import review
from labelqa.review.beforehand import first_labels, is_of_a_table
from labelqa.review.files import TableHead
from labelqa.review.history import back_up, last_happened
from labelqa_app import intake, parts, session
from labelqa_app.beginning import HELD_OUT, Beginning, choose_start, open_existing
from labelqa_app.deciding import owner_of
from labelqa_app.files import Asked, Source, dropped_file, named_file
from labelqa_app.markup import escaped, markdown
from labelqa_app.options import options
from labelqa_app.rounds_table import rounds_table
from labelqa_app.shell import REVIEWERS, Here, file_name, go, guarded
from labelqa_app.wrapped import wrapped_table

LABELS, ITEMS = "Labels: who said what", "Items only: nobody has labeled yet"
ROLES = {
    "annotator": "annotator: labels items",
    "reviewer": "reviewer: also reads results, decides, drafts rules",
    "lead": "lead: also publishes rules, runs rounds, exports",
}
BACKUP = "_backup"
LARGE_BACKUP = 500_000_000  # bytes; a larger one is made by a command, not sent through the browser


def begin() -> None:
    """Draw the start: from a file to a project."""
    source = _source()
    if source is None:
        if not options().shared and options().project is None:
            open_existing()
        return
    st.header("The file")
    parts.plain(source.name)
    holds = st.radio("It holds", (LABELS, ITEMS), key=f"holds {source.key}", horizontal=True)
    begun = _begin_with_labels(source) if holds == LABELS else _begin_with_items(source)
    if begun is not None:
        choose_start(begun)


def _source() -> Source | None:
    named = options().file
    if named is None:
        st.markdown("Are your labels consistent? Begin with a file of labels: who said what about which item.")
        return dropped_file("Labels: one row a label, or one column an annotator", "labels")
    with st.expander("Use another file"):
        other = dropped_file("Labels: one row a label, or one column an annotator", "labels")
    return other or named_file(named)


def _begin_with_labels(source: Source) -> Beginning | None:
    found = intake.as_found(source)  # what does not do is told below
    head = _head(source, found)
    if head is None:
        return None
    asked = intake.columns(source, head, found)
    annotations = _read(source, asked)
    if annotations is None:
        return None
    intake.understood(annotations)
    st.header("The classes")
    asked = intake.classes(source, annotations, asked)
    annotations = _read(source, asked)
    if annotations is None:
        return None
    st.header("How far do people agree already?")
    key = f"{source.key}|{asked}"
    guarded(lambda: intake.agreement(key, annotations))
    guarded(lambda: intake.calculator(key, annotations))
    return Beginning(source=source, annotations=annotations)


def _head(source: Source, found: lq.Annotations | None) -> TableHead | None:
    """Draw the beginning of a file, and return it; None, with the reason, where nothing can be made of it."""
    try:
        head = source.head() if found is None or is_of_a_table(found) else None
    except lq.LabelqaError as error:
        if found is None:
            intake.told_error(error, source.name)
            return None
        head = None
    shown = head if head is not None or found is None else first_labels(found)
    if shown is not None:
        intake.preview(shown, source.name, as_read=head is None)
    return shown


def _read(source: Source, asked: Asked) -> lq.Annotations | None:
    try:
        return source.read(asked)
    except lq.LabelqaError as error:
        intake.told_error(error, source.name, "Choose what fits, or take another file.")
        if intake.is_repeated(error):
            intake.choose_of_repeated(source)
        return None


def _begin_with_items(source: Source) -> Beginning | None:
    try:
        items = source.items()
    except lq.LabelqaError as error:
        intake.told_error(error, source.name, steps=intake.IN_ITEMS)
        return None
    st.dataframe(items.head(8).astype(str), hide_index=True, alt="First items")
    st.caption(f"{len(items):,} items.")
    listed = st.text_area(
        "Classes, one a line", key="item_classes", placeholder="bug\nbilling\nother",
        help="What annotators choose from; the first has key 1.",
    )  # fmt: skip
    classes = tuple(dict.fromkeys(line.strip() for line in listed.splitlines() if line.strip()))
    if len(classes) < 2:
        st.info("Name two classes or more.")
        return None
    return Beginning(source=source, items=items, classes=classes)


def page(here: Here) -> None:
    """Draw the project as it is."""
    if here.role not in REVIEWERS:
        _for_annotators(here)
        return
    if options().file is not None:
        st.caption(f"The project was made before: {markdown(options().file.name)} is not read again.")
    now = review.progress(here.project, actor=here.actor)
    _size(now)
    _rounds(now)
    left, right = st.columns([3, 2])
    with left:
        _people(here)
    with right:
        _settings(here, now)
    if here.role == "lead":
        _add_items(here)
    _events(here)
    _keep(here)


def _for_annotators(here: Here) -> None:
    waiting = review.open_rounds(here.project, actor=here.actor)
    if not waiting:
        parts.empty("Nothing to label now.", "A lead opens the next round; come back then.")
        return
    st.markdown(f"You have items to label in round {waiting[0]}.")
    if st.button("Label items", type="primary", key="to_label"):
        go("label")


def _size(now: review.Progress) -> None:
    with st.container(horizontal=True, gap="large"):
        st.metric("Items", f"{now.facts.n_items:,}", width="content")
        st.metric("Held out", f"{now.n_held_out:,}", help=HELD_OUT, width="content")
        st.metric("Rounds", f"{len(now.rounds):,}", width="content")
        st.metric("Labels", f"{int(now.rounds['n_labels'].sum()):,}", width="content")
    if now.n_held_out:
        held = (
            f"{now.n_held_out:,} of {now.facts.n_items:,} items are held out: results leave them out until the proof."
        )
        st.caption(held)


def _rounds(now: review.Progress) -> None:
    st.header("Rounds")
    if now.rounds.empty:
        parts.empty("There is no round yet.", "Design one on the page Relabel: who labels which items, blind.")
        return
    rounds_table(now)


def _people(here: Here) -> None:
    st.header("People")
    people = review.people_of(here.project)
    told = pd.DataFrame({"Name": list(people), "Role": [ROLES[r] for r in people.values()]})
    wrapped_table(told, alt="People and their roles")
    if here.role != "lead":
        st.caption("A lead adds people and changes roles.")
        return
    with st.form("person", clear_on_submit=True, border=True):
        st.markdown("**Add a person, or change a role**")
        name = st.text_input("Name", key="person_name", placeholder=_name_of_person())
        role = st.selectbox("Role", list(ROLES), format_func=ROLES.__getitem__, key="person_role")
        sent = st.form_submit_button("Save")
    if sent and guarded(lambda: review.put_person(here.project, name.strip(), role, actor=here.actor)):
        parts.saved(f"{name.strip()} is {role} now.")
        st.rerun()


def _name_of_person() -> str:
    return "as the login names the person: the e-mail address" if options().login else "ana"


def _settings(here: Here, now: review.Progress) -> None:
    st.header("Settings")
    kept = here.project.settings()
    shown = kept.get("shown")
    columns = "all columns but those that give labels away" if shown is None else ", ".join(shown) or "their ids only"
    target = "none" if now.facts.target is None else f"{now.facts.target:.2f}"
    released = " (released)" if kept.get("held_out_released") else ""
    rows = {
        "Classes": ", ".join(here.project.classes),
        "Kind of labels": intake.LEVELS[here.project.level],
        "Target": target,
        "Held out": f"{float(kept['held_out']):.0%} of the items{released}",
        "Annotators see": columns,
        "Stored in": Path(here.project.store.place).name if options().shared else here.project.store.place,
    }
    facts(rows)


def facts(rows: dict[str, str]) -> None:
    """Draw names and values letter by letter, close together."""
    lines = (
        f'<div style="margin:0 0 .55rem 0"><div class="lq-field" style="margin:0">{escaped(name)}</div>'
        f'<div class="lq-text" style="margin:0;font-size:1rem" dir="auto">{escaped(value)}</div></div>'
        for name, value in rows.items()
    )
    st.html("".join(lines).replace("\0", "\N{SYMBOL FOR NULL}"))


def _add_items(here: Here) -> None:
    with st.expander("Add items"):
        st.caption("Items that nobody has labeled yet; the same share of them is held out.")
        again = st.session_state.get("_added", 0)
        source = dropped_file("File of items, one a row", f"items {again}")
        if source is None:
            return

        try:
            found = source.items()
        except lq.LabelqaError as error:
            intake.told_error(error, source.name, steps=intake.IN_ITEMS)
            return

        def add() -> None:
            added = review.add_items(here.project, found, actor=here.actor)
            passed = len(found) - added
            parts.saved(f"Added {added:,} items" + (f"; {passed:,} were there already." if passed else "."))

        if st.button("Add them", type="primary", key="add_items") and guarded(add):
            st.session_state["_added"] = again + 1  # an empty field
            st.rerun()


def _events(here: Here) -> None:
    st.header("What happened last")
    for event in last_happened(here.project, actor=here.actor, limit=12):
        when = event.at_utc[:16].replace("T", " ")
        st.markdown(f":gray[{when}] **{markdown(event.actor)}** {markdown(event.text)}")
    st.caption("Times are UTC.")


def _keep(here: Here) -> None:
    st.header("Keep it safe")
    if here.role == "lead" and here.project.store.kind == "sqlite":
        if Path(here.project.store.place).stat().st_size > LARGE_BACKUP:
            st.caption("The project is large: copy it with labelqa project backup FILE.")
        elif st.button("Make a backup", icon=":material/save:", key="backup"):
            guarded(lambda: _backup(here))
        whose, content = st.session_state.get(BACKUP, (None, b""))
        if whose == owner_of(here):
            st.download_button(
                "Download the backup", content, f"{file_name(here)}.db", "application/octet-stream", key="got_backup"
            )
    else:
        st.caption("A lead makes backups; a project on PostgreSQL is exported with labelqa project export.")
    if options().project is None:
        st.button("Open another project", on_click=session.leave, key="leave", type="tertiary")


def _backup(here: Here) -> None:
    with tempfile.TemporaryDirectory() as folder:
        written = back_up(here.project, Path(folder) / "backup.db", actor=here.actor)
        st.session_state[BACKUP] = owner_of(here), written.read_bytes()
