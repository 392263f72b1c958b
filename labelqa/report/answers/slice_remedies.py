"""What to do about each slice, shown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import pandas as pd

from labelqa.diagnosis.slice_decisions import SURE
from labelqa.diagnosis.slice_diagnosis import SliceDiagnosis
from labelqa.report.blocks import Block, Column, Details, Points, Prose, Section, Table
from labelqa.report.sections.slices import SLICE_LIMIT
from labelqa.report.single import remarks
from labelqa.results import as_percent
from labelqa.slices.wording import in_points
from labelqa.text import counted, shortened

EVIDENCE = 10  # rows of each slice
WITH_EVIDENCE = 5  # slices
REMEDIES = {
    "clarify": "Write the rule",
    "relabel": "Label again",
    "collect": "Collect more like these",
    "improve_model": "Better features or model",
    "audit_more": "Find out more first",
    "none": "Nothing: no excess",
}
PARTS = {
    "definition": "Unclear definition",
    "noise": "Wrong labels",
    "data": "Too little data",
    "rest": "Rest",
}
HOW_TO_READ = (
    "The excess is the error of the slice minus that of all other rows, in percentage points. It is split into what an "
    "unclear definition must cause, wrong labels, what more data would remove, and the rest, which holds whatever is "
    "not known. A remedy is named where its part is the largest in {sure} of resamples, or where two causes are about "
    "equal and no audit could tell them apart (then an unclear definition comes before wrong labels, these before too "
    "little data); else the page says how many rows to look at first. First comes what removes most errors for its "
    "cost."
)


def remedies_section(
    found: SliceDiagnosis, *, basis: Sequence[str] = (), options: Mapping[str, str] | None = None
) -> Section | None:
    """Return what to do about each slice as a section; None where there are no slices.

    Parameters
    ----------
    found : SliceDiagnosis
        The slices with their remedies.
    basis : sequence of str
        What was known, in sentences.
    options : mapping of str to str, optional
        How the reader provides what is missing, by the text that names it.
    """
    if not len(found):
        return None
    frame = found.ranked()
    blocks: tuple[Block, ...] = (
        *(Prose(text=text) for text in basis),
        *remarks(found.notes),
        Points(items=tuple(_reasons(frame)), ordered=True, title="First what pays most"),
        *_missing(found, options or {}),
        _parts(frame),
        *_evidence(found),
    )
    return Section(
        key="slice_remedies",
        title="What to do about each slice?",
        lead=_lead(frame),
        how_to_read=HOW_TO_READ.format(sure=as_percent(SURE)),
        blocks=blocks,
    )


def _lead(frame: pd.DataFrame) -> str:
    counts = frame["remedy"].value_counts()
    told = [f"{REMEDIES[r][:1].lower()}{REMEDIES[r][1:]} ({counts[r]})" for r in REMEDIES if r in counts]
    return f"{counted(len(frame), 'slice')}: {', '.join(told)}."


def _reasons(frame: pd.DataFrame) -> Iterator[str]:
    for row in frame.to_dict("records"):
        remedy = REMEDIES[str(row["remedy"])]
        yield f"{shortened(row['slice'], SLICE_LIMIT)}: {remedy[:1].lower()}{remedy[1:]}. {row['reason']}"


def _missing(found: SliceDiagnosis, options: Mapping[str, str]) -> tuple[Points, ...]:
    """Return what could not be separated, each once; notes stand above already."""
    texts = dict.fromkeys(part for cell in found.ranked()["missing"] for part in str(cell).split("; ") if part)
    items = [f"{t} ({options[t]})" if t in options else t for t in texts if t not in found.notes]
    return (Points(title="What could not be told apart, and what would", items=tuple(items)),) if items else ()


def _parts(frame: pd.DataFrame) -> Table:
    known = [p for p in PARTS if frame[p].notna().any()]
    gone = [PARTS[p][:1].lower() + PARTS[p][1:] for p in PARTS if p not in known]
    titles = {"excess": "Excess error", **{p: PARTS[p] for p in known}}
    texts = {
        f"{p}_text": [in_points(*e) for e in zip(frame[p], frame[f"{p}_low"], frame[f"{p}_high"], strict=True)]
        for p in titles
    }
    return Table(
        key="slice_remedies",
        title="The excess of each slice and its parts",
        columns=(
            Column(key="slice", title="Slice", limit=SLICE_LIMIT),
            Column(key="remedy_words", title="What to do"),
            *(Column(key=f"{p}_text", title=titles[p]) for p in titles),
        ),
        rows=frame.assign(remedy_words=frame["remedy"].map(REMEDIES), **texts),
        note=f"Not known: {', '.join(gone)}." if gone else "",
    )


def _evidence(found: SliceDiagnosis) -> Iterator[Details]:
    """Yield the rows to look at, slice by slice."""
    order = found.frame["priority"].sort_values(ascending=False, kind="stable").index[:WITH_EVIDENCE]
    for i in order.tolist():
        rows = found.evidence(i, EVIDENCE)
        name = str(found.frame["slice"].iloc[i])
        votes = [Column(key="votes", title="Labels of annotators")] if rows["votes"].astype(bool).any() else []
        table = Table(
            key=f"slice_{i + 1}_rows",
            title=shortened(name, SLICE_LIMIT),
            columns=(
                Column(key="row", title="Row"),
                Column(key="label", title="Label"),
                Column(key="prediction", title="Prediction"),
                *votes,
            ),
            rows=rows,
        )
        yield Details(title=f"Rows to look at: {shortened(name, 80)}", blocks=(table,))
