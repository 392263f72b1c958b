"""Did it work? Two rounds compared: the answer first, then what it rests on."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from labelqa import review
from labelqa.report.blocks import Figure, Notice
from labelqa.review.proving.wording import STRATUM_WORDS, credit_line, interval_remark, rests_line
from labelqa_app import parts, shell
from labelqa_app.glossary import meaning
from labelqa_app.markup import markdown
from labelqa_app.round_proof import (
    Step,
    borderline,
    found,
    headline,
    history,
    next_step,
    practice,
    says,
    sureness,
    target_words,
)
from labelqa_app.shell import PAGE_OF, PAGES, Here
from labelqa_app.wrapped import wrapped_table

ICONS = {"improved": ":material/trending_up:", "worse": ":material/trending_down:"}
PEEKING = (
    "You may look at this as often as you like and stop as soon as it is reached: the bound holds at every look. The "
    "answer and the intervals above are for one look, when the round is closed. Whoever looks again and again and "
    "stops when they please will find an improvement that is not there."
)
PRACTICE = {
    "rules": "; that is more than practice explains",
    "learning": "; that is not more than practice explains",
    "unclear": "; practice cannot be ruled out",
    "no_control": "; practice cannot be ruled out",
}


def page(here: Here) -> None:
    """Draw the comparison of two rounds."""
    now = review.progress(here.project, actor=here.actor)
    closed, running = now.facts.closed, now.facts.open_round
    labeled = running is not None and int(now.rounds.set_index("round").at[running, "n_labels"]) > 0
    later = [*closed[1:], *([running] if labeled and closed else [])]
    if not later:
        _too_early(now)
        _history(here)
        return
    pair = _pair(closed, later, running)
    proof = found(here.project, pair, now, here.actor)
    if pair[1] == running:
        st.info(f"Round {pair[1]} is still open: only the target is worth reading. The answer comes when it is closed.")
        _target(proof)
        return
    _answer(proof, _usual(here, now))
    _rules(proof)
    _classes(proof)
    _strata(proof)
    _learning(proof)
    _target(proof)
    _history(here)


def _too_early(now: review.Progress) -> None:
    if now.facts.open_round is not None:
        parts.empty("There is nothing to compare yet.", "Let people label the open round, then close it.")
        return _to("relabel")
    if not now.facts.closed:
        parts.empty(
            "There is nothing to compare yet.", "Two labeled rounds are needed: one before a rule changed, one after."
        )
        return _to("relabel")
    parts.empty(
        "There is one round so far, and nothing to compare it with.",
        "Write a rule for what people mix up, publish it, and let people label a second round by it.",
    )
    return _to("relabel" if now.facts.semantic else "pairs")


def _to(name: str) -> None:
    if st.button(f"Go to {PAGES[name].title}", type="primary", key="proof_to"):
        shell.go(name)


def _pair(closed: tuple[int, ...], later: list[int], running: int | None) -> tuple[int, int]:
    """Draw the choice of rounds; it is kept in the address."""

    def keep() -> None:
        before, after = st.session_state.get("proof_before"), st.session_state["proof_after"]
        st.query_params["after"] = str(after)
        if before is not None and before < after:
            st.query_params["before"] = str(before)
        else:
            st.query_params.pop("before", None)

    usual = closed[-1] if len(closed) > 1 else later[-1]
    after = _named("after", later, usual)
    earlier = [n for n in closed if n < after]
    before = _named("before", earlier, earlier[-1])
    if (said := _unknown({"before": before, "after": after})) is not None:
        st.info(said)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.selectbox("Before: round", earlier, earlier.index(before), key="proof_before", on_change=keep, width=180)
        st.selectbox(
            "After: round", later, later.index(after), key="proof_after", on_change=keep, width=180,
            format_func=lambda n: f"{n} (open)" if n == running else str(n),
        )  # fmt: skip
    return before, after


def _named(name: str, allowed: list[int], usual: int) -> int:
    asked = st.query_params.get(name, "")
    return int(asked) if asked.isdecimal() and int(asked) in allowed else usual


def _unknown(shown: dict[str, int]) -> str | None:
    """Return what to say where the address asks for other rounds than are shown."""
    if all(st.query_params.get(name, str(number)) == str(number) for name, number in shown.items()):
        return None
    both = f"round {shown['before']} before and round {shown['after']} after"
    return f"The address names no two rounds that can be compared: this is {both}. Choose others below."


def _usual(here: Here, now: review.Progress) -> Step:
    """Return the next action of the project, now that the rounds are compared."""
    if now.next.action == "prove":
        now = review.progress(here.project, actor=here.actor)
    step = now.next
    page_name = "pairs" if step.action == "prove" else PAGE_OF[step.action]
    return Step(text=step.reason, page=page_name, pair=step.pair)


def _answer(proof: review.RoundProof, usual: Step) -> None:
    """Draw the verdict in words, what it rests on, and what to do."""
    with st.container(border=True):
        st.markdown(f"## {ICONS.get(proof.verdict, ':material/help:')} {markdown(headline(proof))}")
        if proof.answer is not None:
            st.markdown(markdown(f"{proof.answer.statement} {borderline(proof)}".rstrip()))
        st.markdown(markdown(rests_line(proof.rests_on)))
        if proof.credit != "none":
            st.markdown(markdown(credit_line(proof.credit)))
        if sureness(proof):
            st.expander("How sure is that?").markdown("\n\n".join(map(markdown, sureness(proof))))
        step = next_step(proof, usual)
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f":material/arrow_forward: **Next:** {markdown(step.text)}")
            if st.button(PAGES[step.page].title, type="primary", key="proof_next"):
                shell.go(step.page, {} if step.pair is None else {"a": step.pair[0], "b": step.pair[1]})
    if proof.regressions:
        names = ", ".join(proof.regressions)
        parts.notice(Notice(level="problem", key="worse", title="Got worse", text=f"People agree less on {names}."))
    _new_pairs(proof)
    for text in proof.cautions:
        parts.notice(Notice(level="caution", key="caution", title="Please note", text=text))


def _new_pairs(proof: review.RoundProof) -> None:
    for at, row in enumerate(proof.new_pairs.to_dict("records")):
        grew = "agreement on them clearly fell" if row["is_clear"] else "this may be chance"
        share = f"{row['disagreement_before']:.0%} before, {row['disagreement']:.0%} now"
        with st.container(horizontal=True, vertical_alignment="center"):
            names = f"**{markdown(str(row['class_a']))}** and **{markdown(str(row['class_b']))}**"
            st.markdown(f":material/warning: Newly mixed up: {names} ({share}); {grew}.")
            if st.button("Look at the pair", key=f"new_pair_{at}"):
                shell.go("pairs", {"a": str(row["class_a"]), "b": str(row["class_b"])})


def _rules(proof: review.RoundProof) -> None:
    """Draw each changed rule with agreement on its classes before and after."""
    st.markdown("## Which rule helped?")
    if proof.rules.empty:
        st.caption("No rule changed between the two rounds.")
    for row in proof.rules.to_dict("records"):
        other = row["class_b"]
        about = markdown(str(row["class_a"])) + (f" / {markdown(str(other))}" if _is_there(other) else "")
        with st.container(border=True):
            st.markdown(f"**{row['rule_id']} {about}: {_moved(row)}** · {says(row)}")
            parts.plain(_rule_words(row, proof.confidence), "lq-field")


def _rule_words(row: dict[str, float], confidence: float) -> str:
    change = _change(row)
    if change is None:
        return str(row["reason"] or "It cannot be measured.")
    moved = "did not change" if change == "none" else f"changed by {change}"
    if row["before"] == row["after"] == 1:
        moved = "was full, before and after"
    sizes = f"{int(row['n_before']):,} items before and {int(row['n_after']):,} after have a say"
    learned = PRACTICE.get(str(row["credit"]), "") if row["verdict"] == "improved" else ""
    remark = interval_remark(row, confidence, "changed rules")
    return f"Agreement on these classes {moved}; {sizes}{learned}{f'; {remark}' if remark else ''}."


def _classes(proof: review.RoundProof) -> None:
    if proof.answer is None:
        return
    st.markdown("## Class by class")
    plot = proof.answer.plot
    drawn = Figure(
        key="classes",
        title="Agreement before and after",
        alt="Agreement in both rounds with intervals, and before and after for each class; the table has the numbers.",
        draw=plot,
        caption="Hollow before, filled after. The first two rows are all classes together, with intervals; then each "
        "class against all others. 1 is full agreement, 0 is what chance gives.",
    )
    parts.figure(drawn)
    changes = Figure(
        key="changes",
        title="How much changed, and how sure that is",
        alt="Change of agreement with its interval: all together, each changed rule, each class.",
        draw=proof.plot,
        caption="Right of 0 is better than before. An interval that holds 0 leaves open whether anything changed. "
        "One that leaves out 0 is for one look at one row: “better” and “worse” are corrected for looking at all.",
    )
    parts.figure(changes)
    with st.expander("The numbers"):
        frame = proof.classes
        columns = {
            "Class": frame["class"], "Agreement": _each(frame, _moved), "Change": _each(frame, _change),
            "Says": _each(frame, says), "A rule changed": ["yes" if t else "no" for t in frame["touched"]],
        }  # fmt: skip
        keys = {"Agreement": "moved", "Change": "change", "Says": "says", "A rule changed": "touched"}
        wrapped_table(pd.DataFrame(columns), alt="Change of each class", told=_told("classes", keys))
        st.caption("“Better” and “worse” are corrected for looking at all classes at once.")


def _strata(proof: review.RoundProof) -> None:
    st.markdown("## Where it was measured")
    frame = proof.strata
    columns = {
        "Where": [STRATUM_WORDS.get(s, s) for s in frame["stratum"]], "Agreement": _each(frame, _moved),
        "Change": _each(frame, _change), "Says": _each(frame, says), "Items before / after": _each(frame, _sizes),
        "In the answer": ["yes" if t else "no" for t in frame["in_answer"]], "Remark": frame["reason"],
    }  # fmt: skip
    shown = pd.DataFrame(columns).dropna(axis="columns", how="all")
    keys = {"Agreement": "moved", "Change": "change", "In the answer": "in_answer"}
    wrapped_table(shown, alt="Change in each kind of items", told=_told("strata", keys))
    st.caption(
        "Held-out and fresh items are the proof: nobody saw those of the later round while the rules were "
        "written. Items that were labeled again are shown for comparison only. Intervals are 95% intervals."
    )


def _told(table: str, keys: dict[str, str]) -> dict[str, str | None]:
    return {title: meaning(table, key) for title, key in keys.items()}


def _learning(proof: review.RoundProof) -> None:
    st.markdown("## Or was it practice?")
    st.markdown(markdown(practice(proof.learning)))


def _target(proof: review.RoundProof) -> None:
    if proof.target is None and proof.no_target_because is None:
        return
    st.markdown("## Is the target surely reached?")
    st.markdown(markdown(target_words(proof)))
    if proof.target is not None and len(proof.target.history):
        plot = proof.target.plot
        drawn = Figure(
            key="target",
            title="What is sure, item by item",
            alt=f"Lower bound of agreement after each item, with the target {proof.target.target:.2f}.",
            draw=plot,
            caption="The line is what agreement is surely above, however often one looks; that is stricter than the "
            "agreement of one round. It has to cross the dashed target.",
        )
        parts.figure(drawn)
    parts.notice(Notice(level="info", key="peeking", title="Looking early", text=PEEKING))


def _history(here: Here) -> None:
    st.markdown("## All versions of the instruction")
    told = _told("versions", {"Changes": "edit", "Did it work?": "effect"})
    wrapped_table(history(here.project, here.actor), alt="Versions and their effects", told=told)
    st.caption("A version without an answer was not compared with an earlier one so far.")


def _is_there(value: object) -> bool:
    return value is not None and value == value and value != ""


def _moved(row: dict[str, float]) -> str:
    return f"{_number(row['before'])} → {_number(row['after'])}"


def _change(row: dict[str, float]) -> str | None:
    if pd.isna(row["difference"]):
        return None
    if row["difference"] == 0:
        return "none"
    if pd.isna(row["low"]):
        return f"{row['difference']:+.2f}"
    return f"{row['difference']:+.2f} ({row['low']:+.2f} to {row['high']:+.2f})"


def _sizes(row: dict[str, float]) -> str:
    both = int(row["n_both"])
    return f"{both + int(row['n_before_only']):,} / {both + int(row['n_after_only']):,} ({both:,} the same)"


def _each(frame: pd.DataFrame, write: object) -> list[str | None]:
    return [write(row) for row in frame.to_dict("records")]  # type: ignore[operator]


def _number(value: float) -> str:
    return "undefined" if pd.isna(value) else f"{value:.2f}"
