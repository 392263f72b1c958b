"""The overview of one labels file: headline agreement, every coefficient, every class."""

from __future__ import annotations

import math

import pandas as pd
import streamlit as st

import labelqa as lq

HEADLINE = "krippendorff_alpha"
HEADLINE_NAME = "Krippendorff's alpha"
HEADLINE_HELP = "1 is perfect agreement, 0 is what chance alone would give."
COLUMN_NAMES = {
    "coefficient": "Coefficient",
    "class": "Class",
    "estimate": "Agreement",
    "low": "Low",
    "high": "High",
    "n_items": "Items",
    "reason": "Why undefined",
}


def show_overview(annotations: lq.Annotations) -> None:
    """Draw what was read and how far the annotators agree in one round."""
    st.markdown(size_of(annotations))
    measured = choose_round(annotations)
    table = lq.agreement_table(measured)
    show_headline(table[HEADLINE])
    st.subheader("Where they agree least")
    st.caption("Agreement on each class: is it this class, or any other? With 95% intervals.")
    show_table(lq.class_agreement(measured).to_frame().sort_values("estimate"))
    with st.expander("All coefficients"):
        show_table(table.to_frame())
    with st.expander("How the file was understood"):
        st.text(str(annotations.read_log))


def size_of(annotations: lq.Annotations) -> str:
    """Return how much was read, in Markdown."""
    rounds = f", {annotations.n_rounds:,} rounds" if annotations.n_rounds > 1 else ""
    aside = f" {annotations.read_log.n_set_aside:,} rows or labels were set aside." * bool(
        annotations.read_log.set_aside
    )
    return (
        f"**{len(annotations):,} labels** on {annotations.n_items:,} items by {annotations.n_annotators:,} annotators, "
        f"{annotations.schema.k:,} classes{rounds}.{aside}"
    )


def choose_round(annotations: lq.Annotations) -> lq.Annotations:
    """Draw the choice of a round where there are several, and return the labels of the chosen one."""
    if annotations.rounds is None or annotations.n_rounds == 1:
        return annotations
    rounds = list(annotations.rounds)
    chosen = st.selectbox("Round", rounds, index=len(rounds) - 1, help="Agreement is measured within one round.")
    return annotations.where(round=chosen)


def show_headline(result: lq.AgreementResult) -> None:
    """Draw the one number with its interval, or the reason why there is none."""
    if math.isnan(result.estimate):
        st.metric(HEADLINE_NAME, "undefined", help=HEADLINE_HELP)
        st.info(f"Undefined: {result.undefined_because}.")
        return
    interval = result.confidence_interval()
    st.metric(HEADLINE_NAME, f"{result.estimate:.3f}", help=HEADLINE_HELP)
    if math.isnan(interval.low):
        st.caption(f"No interval: {interval.undefined_because}.")
    else:
        st.caption(f"95% interval {interval.low:.3f} to {interval.high:.3f}, from {result.n_items:,} items.")


def show_table(frame: pd.DataFrame) -> None:
    """Draw the columns a reader needs; a column of reasons only where something is undefined."""
    shown = [c for c in COLUMN_NAMES if c in frame and not (c == "reason" and frame[c].isna().all())]
    numbers = {COLUMN_NAMES[c]: st.column_config.NumberColumn(format="%.3f") for c in ("estimate", "low", "high")}
    named = frame[shown].rename(columns=COLUMN_NAMES)
    st.dataframe(named, hide_index=True, column_config=numbers, placeholder="undefined")
