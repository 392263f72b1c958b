"""The form in which a round is designed: who, how many, what that will show."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from labelqa import review
from labelqa_app import parts, shell
from labelqa_app.markup import markdown
from labelqa_app.round_power import PROOF, Start, available, rules_changed, sentence, start_of
from labelqa_app.shell import Here

NEW_PERSON = "_new_person"
PEOPLE_WIDTH = 480  # pixels; on a phone the whole line, so that the button goes below


@dataclass(frozen=True, slots=True, kw_only=True)
class Stratum:
    """One kind of items in words, and how many one usually takes."""

    title: str
    help: str
    usual: int


STRATA = {
    "held_out": Stratum(
        title="Held-out items",
        help="Chosen at the start and kept away from everybody who writes rules: the proof rests on them.",
        usual=60,
    ),
    "fresh": Stratum(
        title="Fresh items (never labeled)",
        help="Nobody labeled them so far: they show how the rules work on what comes next.",
        usual=40,
    ),
    "paired": Stratum(
        title="Labeled before, of changed classes",
        help="Items of the classes that changed rules touch: did these items get clearer? They look better than they "
        "are, because the rules were written with them in view.",
        usual=40,
    ),
    "control": Stratum(
        title="Labeled before, of other classes",
        help="No changed rule touches them: if people agree better here too, that is practice and not the rules.",
        usual=30,
    ),
}
UNCHANGED = Stratum(  # of the labeled items, where no rule changed since the last round
    title="Labeled before",
    help="No rule changed since the last round, so these are labeled once more by the same rules: that shows how far "
    "people agree with what was said before, and proves no rule.",
    usual=40,
)
NONE = {"fresh": "none available: new items are added on the page Data"}
ALIKE = (
    "The classes are {level}: agreement now counts near misses as smaller, the proof counts every difference alike. "
    "The plan is for whichever needs more items."
)
METHODS = {
    "random": "By chance",
    "disagreement": "Rather those that people disagreed on",
}


def design(here: Here, now: review.Progress) -> None:
    """Draw the form and open the round when asked."""
    st.markdown("## Design the next round")
    st.caption(
        f"People label by version {now.facts.version} of the instruction, each on their own, and nobody sees earlier "
        "labels."
    )
    if not now.facts.n_items:
        parts.empty("The project has no items yet.", "Add items on the page Data, then design the round.")
        return
    people = _people(here)
    st.markdown("**How many items?**")
    room = available(here.project, now, here.actor)
    counts = _counts(room, first=not now.facts.closed, changed=rules_changed(here.project, now))
    per_item = _per_item(len(people))
    _power(start_of(here.project, now, here.actor), counts, per_item, sum(room.get(name, 0) for name in PROOF))
    settings, extra = _more(per_item)
    _load(counts, people, settings)
    ready = len(people) >= per_item and any(counts.values())
    if st.button("Open the round", type="primary", key="open_round", disabled=not ready):
        chosen = {name: n for name, n in counts.items() if n}
        shell.guarded(lambda: _open(here, people, chosen, settings, extra))
    if not ready:
        st.caption(f"A round needs {per_item} or more people and at least one item.")


def _open(
    here: Here, people: list[str], counts: dict[str, int], settings: review.RoundSettings, extra: dict[str, object]
) -> None:
    seed = extra["seed"]
    made = review.design_round(
        here.project, people, counts, actor=here.actor, settings=settings, name=str(extra["name"]),
        purpose=str(extra["purpose"]), seed=None if seed is None else int(str(seed)),
    )  # fmt: skip
    parts.saved(f"Round {made.round} is open: {len(made.plan.items):,} items for {len(people)} people.")
    st.rerun()


def _people(here: Here) -> list[str]:
    roles = review.people_of(here.project)
    st.markdown("**Who labels?**")
    added = st.session_state.pop(NEW_PERSON, None)
    if added is not None:
        st.session_state["round_people"] = [*st.session_state.get("round_people", []), added]
    elif "round_people" not in st.session_state:
        st.session_state["round_people"] = [name for name, role in roles.items() if role == "annotator"]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = st.multiselect(
            "People who label", list(roles), key="round_people", format_func=lambda n: f"{n} ({roles.get(n, '')})",
            help="Two or more. Reviewers may label too, but those who wrote the rules know what they meant: "
            "people who only read the rules are the better test.", width=PEOPLE_WIDTH,
        )  # fmt: skip
        with st.popover("Add a person", icon=":material/person_add:"):
            _add_person(here)
    if chosen:
        st.caption(markdown(f"{len(chosen):,} chosen: {', '.join(chosen)}"))
    return list(chosen)


def _add_person(here: Here) -> None:
    with st.form("add_person", clear_on_submit=True, border=False):
        name = st.text_input("Name", max_chars=80, help="As this person logs in or is called in files.")
        role = st.selectbox("Role", review.ROLES, help="Annotators label. Reviewers also decide and write rules.")
        if st.form_submit_button("Add", type="primary"):
            shell.guarded(lambda: _put(here, name.strip(), role))


def _put(here: Here, name: str, role: str) -> None:
    review.put_person(here.project, name, role, actor=here.actor)
    chosen = st.session_state.get("round_people", [])
    st.session_state[NEW_PERSON] = None if name in chosen else name
    parts.saved(f"{name} is in the project now.")
    st.rerun()


def _counts(room: dict[str, int], *, first: bool, changed: bool) -> dict[str, int]:
    counts = {}
    for pair in (PROOF, ("paired", "control") if changed else ("paired",)):
        for name, column in zip(pair, st.columns(2), strict=False):
            there, stratum = room.get(name, 0), STRATA[name] if changed or name in PROOF else UNCHANGED
            usual = 100 if first and name == "fresh" else stratum.usual
            with column:
                counts[name] = int(
                    st.number_input(
                        stratum.title, 0, there, min(usual, there), key=f"count_{name}_{there}", help=stratum.help,
                        disabled=not there,
                    )
                )  # fmt: skip
                st.caption(f"{there:,} available" if there else NONE.get(name, "none available"))
    return counts


def _per_item(n_people: int) -> int:
    most = max(2, n_people)
    if most == 2:
        st.session_state.pop("per_item", None)
        return 2
    told = "Two are enough to see disagreement; more cost more labels and tell more about each item."
    return int(st.number_input("People who label each item", 2, most, 2, key="per_item", help=told))


def _power(start: Start, counts: dict[str, int], per_item: int, room: int) -> None:
    """Draw what such a round will be able to show."""
    with st.container(border=True):
        now, hoped = st.columns(2)
        measured = "as measured in the last round" if start.is_measured else "assumed: nothing is measured yet"
        before = now.number_input(
            "Agreement now", 0.0, 0.94, start.before, 0.05, help=f"Krippendorff's alpha, {measured}."
        )
        after = hoped.number_input(
            "Agreement you hope for",
            0.01,
            0.99,
            start.after,
            0.05,
            help="The improvement the round shall be able to show.",
        )
        n = sum(counts[name] for name in PROOF)
        told = sentence(start.between(before, after), n, per_item, room)
        st.markdown(f":material/visibility: {markdown(told)}")
        alike = "" if start.now.level == "nominal" else f" {ALIKE.format(level=start.now.level)}"
        st.caption(
            "The proof rests on held-out and fresh items only. Planned for a 95% test and an earlier round of the "
            f"same size; with the same held-out items in both rounds it is a little better.{alike}"
        )


def _more(per_item: int) -> tuple[review.RoundSettings, dict[str, object]]:
    method = st.radio(
        "How are the items chosen?", list(METHODS), format_func=METHODS.__getitem__, horizontal=True,
        key="round_method",
        help="By chance is the better proof. The other finds unclear items faster; each item keeps a known chance, so "
        "results stay honest. Held-out and control items are always chosen by chance.",
    )  # fmt: skip
    with st.expander("Advanced"):
        share = st.slider(
            "Items that come again, unannounced (percent)", 0, 20, 5, key="round_repeats",
            help="Hidden repeats show whether people agree with themselves.",
        )  # fmt: skip
        name = st.text_input("Name of the round", max_chars=80, key="round_name")
        purpose = st.text_input("What it is for", max_chars=300, key="round_purpose")
        seed = st.number_input(
            "Seed", 0, 2**31, None, 1, key="round_seed", placeholder="that of the project",
            help="The same seed and the same project give the same round.",
        )  # fmt: skip
    settings = review.RoundSettings(annotators_per_item=per_item, method=method, repeat_share=share / 100)
    return settings, {"name": name, "purpose": purpose, "seed": seed}


def _load(counts: dict[str, int], people: list[str], settings: review.RoundSettings) -> None:
    total, per_item = sum(counts.values()), settings.annotators_per_item
    if not total or len(people) < per_item:
        return
    load = review.expected_load(total, len(people), annotators_per_item=per_item, repeat_share=settings.repeat_share)
    each = f"{load.n_fewest:,}" + (f" or {load.n_most:,}" if load.n_most > load.n_fewest else "")
    again = f", and **{load.n_repeats:,}** of them a second time as a hidden repeat" if load.n_repeats else ""
    what = "item" if total == 1 else "items"
    st.markdown(f"{total:,} {what}: each of the {len(people)} people labels **{each}** of them{again}.")
