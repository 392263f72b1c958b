"""What leaves the project: gold labels, the instruction, the log of decisions, the report."""

from __future__ import annotations

import io
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import streamlit as st

import labelqa as lq
from labelqa import review
from labelqa.report.render.guideline_html import guideline_html
from labelqa.review.history import decision_log
from labelqa_app import parts
from labelqa_app.glossary import meaning
from labelqa_app.markup import markdown
from labelqa_app.shell import Here, file_name, go, guarded
from labelqa_app.wrapped import wrapped_table

PROVENANCE = {
    "unanimous": ("Unanimous", "Two people or more labeled the item, and all said the same."),
    "adjudicated": ("Decided", "People disagreed and somebody decided, by a rule or as a slip."),
    "unresolved": ("Open", "Nobody has decided, and people disagree or only one labeled it. These have no label."),
}
NEWEST = 10  # decisions that are shown; all of them are in the files
PACKED = """
- `soft_labels.csv`: shares of each class, for training
- `decisions.jsonl`: the log of decisions
- `guideline.md`: the instruction
- `manifest.json`: counts and checksums
"""
KINDS = {"decide": "decided", "undo": "taken back"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Packed:
    """Gold labels as a zip file, and what they are.

    Attributes
    ----------
    project : str
        Id of the project.
    content : bytes
        The zip file.
    counts : dict of str to int
        Items by provenance.
    contested : dict of int to int
        Open items that people disagree on, by round.
    n_single : int
        Open items that one person labeled.
    n_held_out : int
        Items that are not in it.
    stale : int
        Decisions by a rule that changed since.
    version : int
        Version of the instruction.
    """

    project: str
    content: bytes
    counts: dict[str, int]
    contested: dict[int, int]
    n_single: int
    n_held_out: int
    stale: int
    version: int


def page(here: Here) -> None:
    """Draw what can be taken out."""
    _gold(here)
    _guideline(here)
    _decisions(here)
    _report(here)


def _gold(here: Here) -> None:
    st.header("Gold labels")
    if here.role != "lead":
        parts.empty("Only a lead exports gold labels.", "Instruction, decisions and report are below.")
        return
    st.markdown("One label an item with where it comes from: everybody agreed, somebody decided, or still open.")
    if st.button("Prepare gold labels", type="primary", icon=":material/inventory_2:", key="gold"):
        guarded(lambda: _pack(here))
    packed = st.session_state.get("_gold")
    if isinstance(packed, Packed) and packed.project == here.project.id:
        _show_packed(here, packed)
    _release(here)


def _pack(here: Here) -> None:
    with tempfile.TemporaryDirectory() as folder:
        found = review.export_gold(here.project, Path(folder) / "gold", actor=here.actor)
        content = io.BytesIO()
        with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
            for path in sorted((Path(folder) / "gold").iterdir()):
                archive.write(path, path.name)
    st.session_state["_gold"] = Packed(
        project=here.project.id,
        content=content.getvalue(),
        counts={str(k): int(n) for k, n in found.labels["provenance"].value_counts().items()},
        contested=found.contested,
        n_single=found.n_single,
        n_held_out=found.n_held_out,
        stale=int(found.labels["rule_changed_since"].sum()),
        version=found.guideline_version,
    )


def _show_packed(here: Here, packed: Packed) -> None:
    with st.container(border=True):
        with st.container(horizontal=True, gap="large"):
            for key, (title, explained) in PROVENANCE.items():
                st.metric(title, f"{packed.counts.get(key, 0):,}", help=explained, width="content")
        st.caption(f"By version {packed.version} of the instruction.")
        if packed.stale:
            st.warning(f"{packed.stale:,} decisions rest on a rule that changed since: look at them again.")
        _open_items(packed)
        st.download_button(
            "Download gold labels (zip)", packed.content, f"{file_name(here)}-gold.zip", "application/zip",
            key="got_gold", icon=":material/download:", on_click="ignore",
        )  # fmt: skip
        st.caption("Open labels.csv in a spreadsheet: one row an item, with its label and where that comes from.")
        with st.expander("For programmers: what else is in the zip"):
            st.markdown(PACKED)
        if packed.n_held_out:
            st.caption(f":material/lock: {packed.n_held_out:,} held-out items are not in it until they are released.")


def _open_items(packed: Packed) -> None:
    """Draw what can be done about items without a label: decide where people disagree, ask again where one labeled."""
    for number, n in packed.contested.items():
        if st.button(f"Decide on {n:,} open item{'s' * (n != 1)} of round {number}", key=f"to_decide_{number}"):
            go("disagreements", {"round": str(number)})
    if packed.n_single:
        st.caption(
            f"{packed.n_single:,} open items were labeled by one person only: each needs a second label. Have them "
            "labeled in the next round."
        )
        if st.button("Go to Relabel", key="to_relabel"):
            go("relabel")


def _release(here: Here) -> None:
    if here.project.settings().get("held_out_released"):
        st.caption(":material/lock_open: The held-out items are released: they are among the gold labels.")
        return
    with st.expander("Release the held-out items"):
        st.markdown(
            "Held-out items prove that a rule helps, because nobody who writes rules has seen them. Release them when "
            "the proofs are done: from then on everybody sees their labels, they are exported like all others, and "
            "they **prove nothing any more**. This cannot be undone."
        )
        reason = st.text_input("Why now?", key="reason", placeholder="The target is reached")
        sure = st.checkbox("I understand that this cannot be undone", key="sure")
        pressed = st.button("Release them", key="release", disabled=not (sure and reason.strip()))
        if pressed and guarded(lambda: _release_now(here, reason.strip())):
            st.session_state.pop("_gold", None)
            st.rerun()


def _release_now(here: Here, reason: str) -> None:
    count = review.release_held_out(here.project, actor=here.actor, reason=reason)
    parts.saved(f"Released {count:,} held-out items.")


def _guideline(here: Here) -> None:
    st.header("Instruction")
    history = review.guideline_history(here.project, actor=here.actor)
    numbers = [v.number for v in reversed(history)]
    known = {v.number: v for v in history}
    chosen = st.selectbox(
        "Version", numbers, key="version", width=420,
        format_func=lambda n: f"{n} by {known[n].author}, {known[n].created_utc[:10]}: {known[n].reason}"[:120],
    )  # fmt: skip
    guideline, name = known[chosen].guideline, f"{file_name(here)}-instruction-v{chosen}"
    with st.container(horizontal=True):
        st.download_button(
            "Page to read and print (HTML)", guideline_html(guideline, version=chosen, title=here.project.name),
            f"{name}.html", "text/html", key="got_html", icon=":material/print:", on_click="ignore",
        )  # fmt: skip
        st.download_button(
            "Markdown", lq.guideline_markdown(guideline), f"{name}.md", "text/markdown", key="got_markdown",
            icon=":material/download:", on_click="ignore",
        )  # fmt: skip
    st.caption("The page opens in any browser and prints well. Markdown is plain text: it shows well what changed "
               "between two versions.")  # fmt: skip


def _decisions(here: Here) -> None:
    st.header("Log of decisions")
    log = decision_log(here.project, actor=here.actor)
    if log.empty:
        parts.empty("Nobody has decided on an item yet.", "Decide on the page Disagreements.")
        return
    table = log.assign(labels=[", ".join(map(str, some)) for some in log["labels"]])
    _newest(table)
    with st.container(horizontal=True):
        st.download_button(
            "Spreadsheet (CSV)", _csv(table), f"{file_name(here)}-decisions.csv", "text/csv", key="got_csv",
            icon=":material/download:", on_click="ignore",
        )  # fmt: skip
        st.download_button(
            "For programs (JSON lines)", log.to_json(orient="records", lines=True, force_ascii=False),
            f"{file_name(here)}-decisions.jsonl", "application/jsonl", key="got_jsonl", icon=":material/download:",
            on_click="ignore",
        )  # fmt: skip
    st.caption("Everything that was decided and undone, by whom and by which rule; nothing is ever overwritten.")


def _newest(table: pd.DataFrame) -> None:
    newest = table.iloc[::-1].head(NEWEST)
    columns = {
        "When (UTC)": [str(when)[:16].replace("T", " ") for when in newest["created_utc"]],
        "Who": newest["actor"],
        "Item": newest["item"],
        "What": [KINDS.get(kind, kind) for kind in newest["kind"]],
        "Label": newest["labels"],
        "Why": [review.CAUSES.get(c, "") for c in newest["cause"]],
        "Rule": newest["rule_id"],
        "Note": newest["note"],
    }
    wrapped_table(pd.DataFrame(columns), alt="Decisions, the newest first", told={"Why": meaning("decisions", "cause")})
    if len(table) > NEWEST:
        st.caption(f"The newest {NEWEST} of {len(table):,}; all of them are in the files.")


def _csv(table: pd.DataFrame) -> bytes:
    r"""Return a table as CSV in which no cell is a formula to a spreadsheet.

    Examples
    --------
    >>> _csv(pd.DataFrame({"note": ["=1+1"]})).splitlines()[1]
    b"'=1+1"
    """
    safe = table.map(lambda v: f"'{v}" if isinstance(v, str) and v.startswith(("=", "+", "-", "@", "\t", "\r")) else v)
    return safe.to_csv(index=False).encode("utf-8-sig")


def _report(here: Here) -> None:
    st.header("Report")
    st.markdown("How consistent the labels are: every number with its uncertainty, in words. Without held-out items.")
    now = review.progress(here.project, actor=here.actor)
    if not now.facts.closed:
        parts.empty("There is nothing to report yet.", "Close a round first, on the page Relabel.")
        return
    key = (here.project.id, now.facts.closed, bool(here.project.settings().get("held_out_released")))
    if st.button("Make the report", key="report", icon=":material/lab_profile:"):
        guarded(lambda: _make_report(here, key))
    made = st.session_state.get("_report")
    if made is None or made[0] != key:
        return
    _, page_, text, statement = made
    st.markdown(markdown(statement))
    with st.container(horizontal=True):
        st.download_button(
            "Page (HTML)", page_, f"{file_name(here)}-report.html", "text/html", key="got_report",
            icon=":material/print:", on_click="ignore",
        )  # fmt: skip
        st.download_button(
            "Markdown", text, f"{file_name(here)}-report.md", "text/markdown", key="got_report_md",
            icon=":material/download:", on_click="ignore",
        )  # fmt: skip


def _make_report(here: Here, key: tuple[object, ...]) -> None:
    with st.spinner("Measuring …"):
        annotations = review.visible_annotations(here.project, "rules", actor=here.actor)
        report = lq.build_report(annotations)
        st.session_state["_report"] = (key, report.to_html(), report.to_markdown(), str(report.headline))
