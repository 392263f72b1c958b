"""All rounds of a project, as the pages Data and Relabel list them."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from labelqa import review
from labelqa_app.glossary import meaning
from labelqa_app.wrapped import wrapped_table

NOTE = (
    "Agreement is Krippendorff's alpha of the last two closed rounds with its 95% interval, without held-out items: "
    "1 is perfect, 0 is chance."
)


def rounds_table(now: review.Progress) -> None:
    """Draw the rounds, the newest first, with what was labeled of what was asked, and agreement."""
    rows = [
        {
            "Round": _called(int(row["round"]), str(row["name"] or "")),
            "State": row["state"],
            "Instruction": _version(row["guideline_version"]),
            "Labels": _labels(row["n_labels"], row["n_assigned"]),
            "Agreement": _agreement(row["estimate"], row["low"], row["high"]),
        }
        for row in now.rounds.iloc[::-1].to_dict("records")
    ]
    told = {"Agreement": meaning("rounds", "estimate"), "Labels": meaning("rounds", "n_assigned")}
    wrapped_table(pd.DataFrame(rows), alt="Rounds of the project", told=told)
    st.caption(NOTE)


def _called(number: int, name: str) -> str:
    return f"{number}: {name}" if name not in ("", str(number)) else str(number)


def _version(number: float) -> str:
    return "none" if pd.isna(number) else f"version {int(number)}"


def _labels(given: int, asked: float) -> str:
    return f"{given:,}" if pd.isna(asked) else f"{given:,} of {int(asked):,}"


def _agreement(estimate: float, low: float, high: float) -> str | None:
    if pd.isna(estimate):
        return None
    return f"{estimate:.2f}" if pd.isna(low) else f"{estimate:.2f} ({low:.2f} to {high:.2f})"
