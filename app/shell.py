"""What surrounds every page: who and where one is, what to do next, and one way to tell that something went wrong."""

from __future__ import annotations

import logging
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from uuid import uuid4

import streamlit as st

import labelqa as lq
from labelqa import review
from labelqa.review.measured import measured
from labelqa.review.standing import NextAction
from labelqa_app import parts, session
from labelqa_app.markup import escaped, markdown
from labelqa_app.options import options

LOG = logging.getLogger(__name__)
ICON = (  # a picture of its own: icons by name are fetched from outside
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="7" fill="#1f6f8b"/>'
    '<path d="M8 17l5 5 11-12" fill="none" stroke="#fff" stroke-width="4"/></svg>'
)
DRAWN, VISIT = "_drawn", "_visit"
LONG_NAME = 60  # characters of the name of a class in the header
HELD_OUT = "Items that are held out are not in it. Did it work? measures those, so that its numbers differ."
STYLE = """
<style>
.stMain h2 {font-size: 1.4rem}
.stMain h3 {font-size: 1.15rem}
.lq-short summary {overflow: hidden; text-overflow: ellipsis; white-space: nowrap; cursor: pointer; font-weight: 600}
.lq-short[open] summary, .lq-short {overflow-wrap: anywhere; white-space: normal; font-size: .9rem}
.lq-short p {margin: .3rem 0 0 0}
@media (min-width: 640.1px) {[data-testid="stElementContainer"]:has(.lq-short) {display: none}}
@media (max-width: 640px) {
  .block-container {padding-top: 4rem}
  .stMain h1 {font-size: 1.7rem; padding: 0 0 .3rem 0}
  .stMain h2 {font-size: 1.35rem}
  [data-testid="stLayoutWrapper"]:has(> .st-key-lq-facts), [data-testid="stLayoutWrapper"]:has(> .st-key-lq-progress)
    {display: none}
  .st-key-lq-header.stVerticalBlock {gap: .3rem}
  .st-key-lq-who.stHorizontalBlock, .st-key-lq-next.stHorizontalBlock {flex-wrap: nowrap; gap: .6rem}
  .st-key-lq-who > .stElementContainer:has(.lq-short) {flex: 1 1 0; min-width: 0}
  .st-key-lq-who.stHorizontalBlock:has(.lq-short[open]) {flex-wrap: wrap}
  .st-key-lq-who > .stElementContainer:has(.lq-short[open]) {flex: 0 0 100%}
  .st-key-lq-who .st-key-_person {flex: 0 0 9.5rem; width: 9.5rem}
  .st-key-lq-next > .stElementContainer:has(.stMarkdown) {flex: 1 1 0; min-width: 0}
  .st-key-lq-next p {font-size: .85rem; line-height: 1.3}
  .st-key-lq-header:not(:has(.lq-short[open])) .st-key-lq-next .stMarkdown p
    {display: -webkit-box; -webkit-line-clamp: 2; -webkit-box-orient: vertical; overflow: hidden}
  .st-key-lq-next button {min-height: 2rem; padding: .1rem .6rem; white-space: nowrap}
}
</style>
"""
EVERYONE, REVIEWERS = ("annotator", "reviewer", "lead"), ("reviewer", "lead")


@dataclass(frozen=True, slots=True)
class Entry:
    """One page: its title, icon, group in the menu, and who may see it."""

    title: str
    icon: str
    group: str
    roles: tuple[str, ...] = REVIEWERS


@dataclass(frozen=True, slots=True, kw_only=True)
class Here:
    """What a page is given: the project and who acts in it."""

    project: review.Project
    actor: str
    role: str | None


PAGES: Mapping[str, Entry] = {
    "data": Entry("Data", ":material/folder_open:", "Start", EVERYONE),
    "consistency": Entry("Consistency", ":material/balance:", "Measure"),
    "pairs": Entry("Class pairs", ":material/compare_arrows:", "Measure"),
    "disagreements": Entry("Disagreements", ":material/gavel:", "Decide"),
    "instruction": Entry("Instruction", ":material/edit_note:", "Decide", EVERYONE),
    "relabel": Entry("Relabel", ":material/groups:", "Relabel"),
    "label": Entry("Label items", ":material/label:", "Relabel", EVERYONE),
    "proof": Entry("Did it work?", ":material/trending_up:", "Relabel"),
    "issues": Entry("Noisy labels", ":material/flag:", "Look closer"),
    "slices": Entry("Slices", ":material/pie_chart:", "Look closer"),
    "export": Entry("Export", ":material/download:", "Finish"),
}
PAGE_OF = {  # where the next best action is done
    "add_items": "data",
    "design_round": "relabel",
    "label": "label",
    "close_round": "relabel",
    "prove": "proof",
    "decide": "disagreements",
    "revise": "pairs",
    "publish": "instruction",
    "export_gold": "export",
}


def run() -> None:
    """Draw the app: menu, header, page."""
    st.set_page_config(page_title="labelqa", page_icon=ICON, layout="wide")
    if session.must_log_in():
        return
    groups: dict[str, list[object]] = {}
    pages = {}
    role = _role()
    for name, entry in PAGES.items():
        shown = "visible" if role is None or role in entry.roles else "hidden"  # a link to it is still found, and told
        pages[name] = st.Page(_drawer(name), title=entry.title, icon=entry.icon, url_path=name, visibility=shown)
        groups.setdefault(entry.group, []).append(pages[name])
    first = "label" if role == "annotator" else "data"
    # A page of its own for the bare address: the default page has no path, and links to it would not be found.
    start = st.Page(lambda: go(first), title="labelqa", url_path="start", default=True, visibility="hidden")
    groups.setdefault("Start", []).append(start)
    st.session_state["_pages"] = pages
    st.navigation(groups).run()  # type: ignore[arg-type]  # lists of pages by group


def draw(name: str) -> None:
    """Draw one page with its header; also what tests run."""
    if st.session_state.get(DRAWN) != name:
        st.session_state[DRAWN], st.session_state[VISIT] = name, visit() + 1
    st.html(parts.STYLE + STYLE)
    parts.told()
    guarded(lambda: _page(name))


def visit() -> int:
    """Return how many times the session came to a page from another one: the same number until the page is left."""
    return int(st.session_state.get(VISIT, 0))


def go(name: str, query: Mapping[str, str] | None = None) -> None:
    """Go to another page; what `query` names comes along in the address."""
    kept = {session.ACTOR: st.query_params[session.ACTOR]} if session.ACTOR in st.query_params else {}
    pages = st.session_state.get("_pages", {})
    if name in pages:
        st.switch_page(pages[name], query_params={**kept, **(query or {})})
    st.session_state["_went"] = {"page": name, **(query or {})}  # tests run one page without the menu


def guarded(action: Callable[[], None]) -> bool:
    """Run `action`; draw what went wrong without a traceback, and tell whether it went well."""
    try:
        action()
    except lq.LabelqaError as error:
        st.error("**This did not work.**", icon=":material/error:")
        st.code(str(error), language=None, wrap_lines=True)
        return False
    except Exception as error:
        if type(error).__module__.startswith("streamlit"):  # reruns and stops are exceptions of Streamlit's own
            raise
        number = uuid4().hex[:8]
        LOG.exception("failure %s", number)
        st.error(f"**Something broke that should not have (number {number}).** Nothing that was saved is lost.")
        st.caption("The person who runs the server finds the details under this number in its log.")
        return False
    return True


def file_name(here: Here) -> str:
    """Return the name of the project as the beginning of a file name."""
    return "".join(c if c.isalnum() or c in "-_" else "_" for c in here.project.name)[:80] or "project"


def _drawer(name: str) -> Callable[[], None]:
    def page() -> None:
        draw(name)

    page.__name__ = name
    return page


def _role() -> str | None:
    try:
        project = session.current_project()
        return None if project is None else review.role_of(project, session.current_actor(project))
    except Exception:  # told in the page, which meets it again
        return None


def _page(name: str) -> None:
    module = import_module(f"labelqa_app.views.{name}")
    project = session.current_project()
    if project is None:
        st.title(PAGES[name].title)
        if name == "data":
            module.begin()
        else:
            parts.empty("There is no project yet.", "Open a labels file on the page Data and start one.")
            if st.button("Go to Data", type="primary"):
                go("data")
        return
    actor = session.current_actor(project)
    here = Here(project=project, actor=actor, role=review.role_of(project, actor))
    above = st.container()
    st.title(PAGES[name].title)  # at once: the header may have to measure the project first
    with above:
        header(here, name)
    session.told_unknown()
    if here.role is None:
        step = "Ask a lead to add you." if options().shared else "Choose above who you are, or ask a lead to add you."
        parts.empty(f"{actor or 'Nobody'} is not one of the people of this project.", step)
        return
    if here.role not in PAGES[name].roles:
        parts.empty("This page is for reviewers and leads.", "Your page is Label items.")
        if st.button(PAGES["label"].title, type="primary", key="to_label"):
            go("label")
        return
    module.page(here)


def header(here: Here, name: str) -> None:
    """Draw project, round, guideline version, person, progress and target; on a phone in one line that opens."""
    now = review.progress(here.project, actor=here.actor) if here.role in REVIEWERS else None
    told: list[str] = []
    meaning = None
    if now is not None:
        n_items = _n_items(here, now)
        told, meaning = _facts(now, n_items), _meaning(now, n_items)
    elif here.role is not None:
        told = _own_facts(here, with_progress=name != "label")  # that page counts them itself, after each key
    hinted = now is not None and PAGE_OF[now.next.action] != name
    with st.container(key="lq-header"):
        with st.container(horizontal=True, vertical_alignment="center", gap="small", key="lq-who"):
            with st.container(width="content", key="lq-facts"):
                facts = " · ".join([f":material/folder: {markdown(here.project.name)}", *told])
                st.markdown(facts, help=meaning)
            rest = [*told[1:], "" if now is None else _progress(now), meaning or ""]
            st.html(_short([here.project.name, *told[:1]], rest))
            _person(here)
        if now is not None:
            _draw_progress(now)
            if hinted:
                _next(now)


def _short(line: list[str], rest: list[str]) -> str:
    """Return the header for a phone: a line that opens, with each of the other facts on a line of its own."""
    below = "".join(f'<p dir="auto">{escaped(fact)}</p>' for fact in rest if fact)
    return f'<details class="lq-short"><summary dir="auto">{escaped(" · ".join(line))}</summary>{below}</details>'


def _facts(now: review.Progress, n_items: int) -> list[str]:
    """Return what reviewers and leads see of a project."""
    facts, number = now.facts, now.facts.open_round or (now.facts.closed[-1] if now.facts.closed else None)
    told = [] if number is None else [f"round {number}{' (open)' if facts.open_round else ''}"]
    told.append(f"instruction version {facts.version}")
    if facts.target is not None:
        told.append(f"target {facts.target:.2f}")
    if n_items:
        told.append(f"agreement {facts.estimate:.2f} ({n_items:,} {'item' if n_items == 1 else 'items'})")
    if facts.n_contested:
        told.append(f"{facts.n_contested - facts.n_undecided:,} of {facts.n_contested:,} disagreements decided")
    return told


def _n_items(here: Here, now: review.Progress) -> int:
    """Return how many items the agreement of the last closed round rests on; 0 where there is none."""
    if not now.facts.closed or math.isnan(now.facts.estimate):
        return 0
    data = measured(here.project, now.facts.closed[-1], actor=here.actor).annotations

    def count() -> int:
        found = lq.agreement(data)
        return found.n_items - found.n_single

    return here.project.once(("app basis", now.facts.closed[-1], data.n_items, len(data)), count)


def _meaning(now: review.Progress, n_items: int) -> str | None:
    """Return what the number of agreement is and what it rests on, in words; None where there is no number."""
    if not n_items:
        return None
    number, weights = now.facts.closed[-1], f" with {now.facts.weights}" if now.facts.weights else ""
    row = now.rounds.set_index("round").loc[number]
    items = "1 item that two or more people labeled" if n_items == 1 else f"{n_items:,} items that two or more labeled"
    sure = ""
    if now.facts.estimate < 1 and not math.isnan(row["low"]):
        sure = f" 95% sure: {row['low']:.2f} to {row['high']:.2f}."
    return (
        f"Agreement is Krippendorff's alpha{weights} in round {number}, the last closed one: 1 is perfect, 0 is "
        f"guessing. It rests on {items}.{sure} {HELD_OUT}"
    )


def _own_facts(here: Here, *, with_progress: bool) -> list[str]:
    """Return what annotators see: their open round, what they label by, and how far they are."""
    rounds = review.open_rounds(here.project, actor=here.actor)
    if not rounds:
        return ["no open round"]
    task = review.next_task(here.project, max(rounds), actor=here.actor)
    told = [f"round {max(rounds)} (open)"]
    if task is None:
        return [*told, "all labeled"] if with_progress else told
    told.append(f"instruction version {task.guideline_version}")
    return [*told, f"{task.done:,} of {task.total:,} labeled"] if with_progress else told


def _person(here: Here) -> None:
    if options().shared:
        st.markdown(f":material/person: {markdown(here.actor)} ({here.role or 'nobody here'})")
        if options().login:
            st.button("Log out", on_click=st.logout, key="log_out", type="tertiary")
        return
    people = review.people_of(here.project)
    names = list(people) if here.actor in people else [here.actor, *people]

    def choose() -> None:
        st.query_params[session.ACTOR] = st.session_state["_person"]

    st.session_state["_person"] = here.actor  # whoever the address names, also by a link
    st.selectbox(
        "You are",
        names,
        format_func=lambda n: f"{n} ({people.get(n, 'not in the project')})",
        key="_person",
        on_change=choose,
        label_visibility="collapsed",
        width=220,
    )


def _done(now: review.Progress) -> tuple[int, int]:
    """Return how many labels the open round has and will have; 0 where none is open."""
    if now.facts.open_round is None:
        return 0, 0
    row = now.rounds.set_index("round").loc[now.facts.open_round]
    return int(row["n_labels"]), int(row["n_assigned"] or 0)


def _progress(now: review.Progress) -> str:
    done, total = _done(now)
    return f"Round {now.facts.open_round}: {done:,} of {total:,} labels" if total else ""


def _draw_progress(now: review.Progress) -> None:
    done, total = _done(now)
    if total:
        with st.container(key="lq-progress"):
            st.progress(min(done / total, 1.0), text=_progress(now))


def _reason(action: NextAction) -> str:
    """Return why, with names of classes between quotes where they are more than a word, and cut where they are long."""
    if action.pair is None or all(n.isalnum() and len(n) <= LONG_NAME for n in action.pair):
        return action.reason
    a, b = action.pair
    return action.reason.replace(f"{a} and {b}", f"{_quoted(a)} and {_quoted(b)}", 1)


def _quoted(name: str) -> str:
    return f"'{name if len(name) <= LONG_NAME else name[:LONG_NAME].rstrip() + '…'}'"


def _next(now: review.Progress) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="lq-next"):
        st.markdown(f":material/arrow_forward: {markdown(_reason(now.next))}")
        page = PAGE_OF[now.next.action]
        if st.button(PAGES[page].title, key="_next"):
            pair = now.next.pair
            go(page, {} if pair is None else {"a": pair[0], "b": pair[1]})
