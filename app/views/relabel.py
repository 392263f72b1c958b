"""Relabel: design a round, hand it out, take it in, close it."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from labelqa import review
from labelqa_app import parts, shell
from labelqa_app.deciding import owner_of
from labelqa_app.markup import markdown
from labelqa_app.options import options
from labelqa_app.round_design import design
from labelqa_app.round_files import ENDINGS, TOOLS, Taken, take_in, zipped
from labelqa_app.rounds_table import rounds_table
from labelqa_app.shell import Here

TAKEN, ZIPPED = "_files_taken", "_files_zipped"


def page(here: Here) -> None:
    """Draw the open round, or the design of the next one; all rounds below."""
    now = review.progress(here.project, actor=here.actor)
    if now.facts.open_round is not None:
        _open_round(here, now, now.facts.open_round)
    elif here.role == "lead":
        design(here, now)
    else:
        parts.empty("No round is open.", "A lead designs the next round here.")
    _rounds(now)


def _open_round(here: Here, now: review.Progress, number: int) -> None:
    row = now.rounds.set_index("round").loc[number]
    name = f": {markdown(row['name'])}" if row["name"] else ""
    st.markdown(f"## Round {number}{name} is open")
    st.caption(
        f"Labeled by version {row['guideline_version']} of the instruction. Results are seen when the round is closed."
    )
    load = review.round_workload(here.project, number, actor=here.actor)
    _people(load)
    if here.role != "lead":
        st.caption("A lead hands out files, takes them in, and closes the round.")
        return
    label, out, in_, end = st.tabs(["Label right here", "Hand out files", "Take files in", "Close or cancel"])
    with label:
        _label_here(here, load)
    with out:
        _hand_out(here, number)
    with in_:
        _take_in(here, number)
    with end:
        _end(here, number, {name: total - done for name, (done, total) in load.items() if done < total})


def _people(load: dict[str, tuple[int, int]]) -> None:
    """Draw how far each person is."""
    frame = pd.DataFrame(
        {"Person": name, "Done": done / max(total, 1), "Labeled": f"{done:,} of {total:,}"}
        for name, (done, total) in load.items()
    )
    bar = st.column_config.ProgressColumn("Done", format="percent", min_value=0, max_value=1)
    st.dataframe(frame, hide_index=True, column_config={"Done": bar}, alt="How far each person is")
    st.button("Look again", key="look_again", icon=":material/refresh:", help="See what came in since.")


def _label_here(here: Here, load: dict[str, tuple[int, int]]) -> None:
    st.markdown("Each person opens the page **Label items** and finds their own items: one key a label, nothing else.")
    if options().shared:
        if here.actor in load and st.button("Label my items", type="primary", key="label_mine"):
            shell.go("label")
        return
    st.caption("On this computer you may sit down as one of them: let the right person do it.")
    with st.container(horizontal=True):
        for at, (name, (done, total)) in enumerate(load.items()):
            if st.button(f"Label as {markdown(name)}", key=f"label_as_{at}", disabled=done == total):
                shell.go("label", {"as": name})


def _hand_out(here: Here, number: int) -> None:
    st.markdown("One file for each person, and the instruction. No old labels, names or reasons are in them.")
    tool = st.selectbox("For which tool?", list(TOOLS), format_func=TOOLS.__getitem__, key="export_tool")
    if st.button("Make the files", key="make_files"):
        shell.guarded(lambda: _make(here, number, tool))
    made = st.session_state.get(ZIPPED)
    if made is not None and made["of"] == (here.project.id, number, tool):
        name = f"round-{number}-{tool}.zip"
        st.download_button(
            f"Download {len(made['names'])} files", made["data"], name, "application/zip", type="primary"
        )
        with st.expander("What is in it"):
            st.code("\n".join(made["names"]), language=None)


def _make(here: Here, number: int, tool: str) -> None:
    data, names = zipped(here.project, number, here.actor, tool)
    st.session_state[ZIPPED] = {"of": (here.project.id, number, tool), "data": data, "names": names}


def _take_in(here: Here, number: int) -> None:
    st.markdown("Files that people filled in. Each is taken as a whole; whatever does not belong in it is named.")
    turn = st.session_state.setdefault("_upload_turn", 0)
    files = st.file_uploader("Filled files", list(ENDINGS), accept_multiple_files=True, key=f"filled_{turn}")
    if st.button("Take them in", type="primary", key="take_in", disabled=not files):
        shell.guarded(lambda: _taken(here, number, files))
    for found in st.session_state.get(TAKEN, {}).get((owner_of(here), number), ()):
        _told(found)


def _taken(here: Here, number: int, files: list[object]) -> None:
    found = take_in(here.project, number, here.actor, files)  # type: ignore[arg-type]  # uploads of Streamlit
    st.session_state[TAKEN] = {(owner_of(here), number): found}
    st.session_state["_upload_turn"] += 1  # an empty uploader
    if any(not f.is_refused for f in found):
        parts.saved("The labels are stored.")
    st.rerun()


def _told(found: Taken) -> None:
    if not found.is_refused:
        st.success(f"**{markdown(found.name)}**: {markdown(found.told)}", icon=":material/check:")
        return
    st.error(f"**{markdown(found.name)}** was refused; nothing in it was stored.", icon=":material/error:")
    st.code(found.told, language=None, wrap_lines=True)


def _end(here: Here, number: int, missing: dict[str, int]) -> None:
    allowed = True
    if missing:
        told = ", ".join(f"{name} {n:,}" for name, n in missing.items())
        st.warning(f"**{sum(missing.values()):,} labels are missing:** {markdown(told)}.")
        allowed = st.checkbox("Close it without them; every result will say so", key=f"without_{number}")
    with st.container(horizontal=True):
        if st.button("Close the round", type="primary", key="close_round", disabled=not allowed):
            shell.guarded(lambda: _close(here, number, bool(missing)))
        with st.popover("Cancel the round", icon=":material/cancel:"):
            st.caption("Its labels stay stored, and no result uses them. The items are not asked again.")
            reason = st.text_input("Why?", key="cancel_reason", max_chars=300)
            if st.button("Cancel it for good", key="cancel_round", disabled=not reason.strip()):
                shell.guarded(lambda: _cancel(here, number, reason.strip()))


def _close(here: Here, number: int, allow_missing: bool) -> None:
    review.close_round(here.project, number, actor=here.actor, allow_missing=allow_missing)
    parts.saved(f"Round {number} is closed.")
    st.rerun()


def _cancel(here: Here, number: int, reason: str) -> None:
    review.cancel_round(here.project, number, actor=here.actor, reason=reason)
    parts.saved(f"Round {number} is cancelled.")
    st.rerun()


def _rounds(now: review.Progress) -> None:
    if not now.rounds.empty:
        st.markdown("## All rounds")
        rounds_table(now)
