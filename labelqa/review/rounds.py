"""Rounds of a project: designed with known chances, labeled blind, closed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Mapping, Sequence

import pandas as pd

from labelqa.errors import ParameterError, Problem, check_choice
from labelqa.guidelines.diff import diff_guidelines
from labelqa.reliability.items import item_disagreement
from labelqa.review.exchange.sheet import telling
from labelqa.review.layout import RoundSettings
from labelqa.review.lookup import CANCELLED, CLOSED, OPEN, held_out_items, rounds_of
from labelqa.review.lookup import round_of as round_of  # others know it from here
from labelqa.review.manifest import Manifest, build_manifest, check_manifest
from labelqa.review.people import unknown_people
from labelqa.review.plan import plan_round
from labelqa.review.project import Project
from labelqa.review.revise import version_of
from labelqa.review.sampling import STRATA, Candidates
from labelqa.review.visibility import annotations_of, seen_frame
from labelqa.store.reader import Reader
from labelqa.store.records import AssignmentRecord, RoundRecord
from labelqa.store.writer import Writer
from labelqa.text import counted


def design_round(  # noqa: PLR0913  # what a round is
    project: Project,
    annotators: Sequence[str],
    counts: Mapping[str, int],
    *,
    actor: str,
    settings: RoundSettings | None = None,
    name: str = "",
    purpose: str = "",
    columns: Sequence[str] | None = None,
    seed: int | None = None,
) -> Manifest:
    """Design the next round under the guideline in force, and open it.

    Items that the guideline shows as examples are never asked. Without `seed` the one of the project is used: the same
    project gives the same round.

    Parameters
    ----------
    project : Project
        Where.
    annotators : sequence of str
        Who labels; people of the project.
    counts : mapping of str to int
        Items of each stratum: ``paired`` (labeled before, of classes that changed rules touch; of all classes if no
        rule changed), ``control`` (labeled before, of other classes), ``fresh`` (never labeled), ``held_out``.
    actor : str
        Who designs it; a lead.
    settings : RoundSettings, optional
        Annotators an item, random or disagreement-targeted choice, hidden repeats.
    name, purpose : str
        What people call it, and what it is for.
    columns : sequence of str, optional
        What annotators see of items; by default what the project names, or every column that does not tell labels.
    seed : int, optional
        Source of all chance of the round.

    Returns
    -------
    Manifest
        The design with its hash; for planners only, it tells which items are held out.

    Raises
    ------
    NotAllowedError
        If the actor is not a lead.
    ParameterError
        If people are unknown, a stratum has too few items, a round is still open, or a column tells labels.
    """
    with project.writing(actor, "design_round") as writer:
        number = _next_number(writer, project, tuple(annotators))
        stored = writer.project(project.name).settings
        plan = plan_round(
            candidates_of(writer, project),
            annotators,
            counts=counts,
            round=number,
            seed=int(str(stored["seed"])) if seed is None else seed,
            settings=settings,
            secret=project.id,
        )
        version = version_of(writer, project, None)
        manifest = build_manifest(
            plan,
            project=project.name,
            guideline_version=version.number,
            guideline_hash=version.content_hash,
            classes=project.classes,
        )
        shown = _columns(writer, project, manifest, columns if columns is not None else stored.get("shown"))
        _store(writer, project, manifest, RoundRecord(
            project_id=project.id, number=number, name=name, purpose=purpose, guideline_version=version.number,
            design=_design(manifest, shown), manifest_hash=manifest.hash, state=OPEN, created_by=actor,
        ))  # fmt: skip
        project.tell(
            writer, "round_designed", actor, {"round": number, "manifest": manifest.hash, "counts": dict(counts)}
        )
    return manifest


def _next_number(reader: Reader, project: Project, annotators: tuple[str, ...]) -> int:
    """Return the number of the next round, after checking that one may be designed for these people."""
    problems = unknown_people(reader, project, annotators)
    before = rounds_of(reader, project)
    still = [r.number for r in before if r.state == OPEN]
    if still:
        step = f"Close it (close_round({still[0]})) or cancel it first."
        problems.append(
            Problem(what=f"round {still[0]} is still open", parameter="round", value=still[0], next_step=step)
        )
    if problems:
        raise ParameterError(problems)
    return len(before) + 1


def manifest_of(project: Project, round: int, *, actor: str) -> Manifest:
    """Return the design of a round, checked against the hash that was stored with it.

    Raises
    ------
    NotAllowedError
        If the actor is not a lead: it tells which items are held out.
    ParameterError
        If there is no such round, or its labels were imported without a design.
    """
    with project.reading(actor, "design_round") as reader:
        return manifest_in(reader, project, round)


def manifest_in(reader: Reader, project: Project, round: int) -> Manifest:
    """Return the design of a round from an open reader."""
    found = round_of(reader, project, round, design=True)
    if not found.manifest_hash:
        what = f"round {round} was imported: it has labels and no design"
        raise ParameterError(Problem(what=what, parameter="round", value=round))
    fields = ("id", "annotator", "position", "item", "stratum", "repeat_of", "probability")
    rows = [{f: getattr(a, f) for f in fields} for a in reader.assignments(project.id, round)]
    design = {k: v for k, v in found.design.items() if k != "columns"}
    return check_manifest({**design, "assignments": rows}, expected_hash=found.manifest_hash)


def close_round(project: Project, round: int, *, actor: str, allow_missing: bool = False) -> int:
    """Close a round: its labels can be seen from now on, and no more come in.

    Parameters
    ----------
    project : Project
        Where.
    round : int
        Which one.
    actor : str
        Who closes it; a lead.
    allow_missing : bool
        Whether to close it though assignments have no label.

    Returns
    -------
    int
        Assignments without a label.

    Raises
    ------
    ParameterError
        If the round is not open, or labels are missing and that is not allowed.
    """
    with project.writing(actor, "close_round") as writer:
        _check_open(round_of(writer, project, round))
        load = writer.workload(project.id, round)
        behind = {name: total - done for name, (done, total) in load.items() if done < total}
        missing = sum(behind.values())
        if missing and not allow_missing:
            who = ", ".join(f"{name} {n:,}" for name, n in behind.items())
            have = "has" if missing == 1 else "have"
            what = f"{counted(missing, 'assignment')} of round {round} {have} no label ({who})"
            step = "Wait for them, or close it without with allow_missing=True; they are counted in every result."
            raise ParameterError(Problem(what=what, parameter="round", value=round, next_step=step))
        writer.set_round_state(project.id, round, CLOSED)
        project.tell(writer, "round_closed", actor, {"round": round, "missing": missing})
    return missing


def cancel_round(project: Project, round: int, *, actor: str, reason: str) -> None:
    """Cancel an open round: its labels stay stored, and no result uses them.

    Raises
    ------
    ParameterError
        If the round is not open.
    """
    with project.writing(actor, "close_round") as writer:
        _check_open(round_of(writer, project, round))
        writer.set_round_state(project.id, round, CANCELLED)
        project.tell(writer, "round_cancelled", actor, {"round": round, "reason": reason})


def available_items(project: Project, *, actor: str) -> dict[str, int]:
    """Return how many items of each stratum the next round could ask for.

    Raises
    ------
    NotAllowedError
        If the actor may not read results.
    """
    with project.reading(actor, "read_results") as reader:
        strata = candidates_of(reader, project).strata
    return {name: int((strata == name).sum()) for name in STRATA}


def candidates_of(reader: Reader, project: Project) -> Candidates:
    """Return what a round may ask for: all items but those that the guideline shows.

    What was labeled only in cancelled rounds is left out as well: people know it, and what they said does not count.
    """
    held_out = held_out_items(reader, project)
    seen, _ = seen_frame(reader, project, "rules")
    labeled = set(seen["item"])
    dropped = {r.number for r in rounds_of(reader, project, CANCELLED)}
    frame = reader.labels_frame(project.id) if dropped else seen
    known = set(frame.loc[frame["round"].isin(dropped), "item"]) - labeled - held_out
    shown = {*version_of(reader, project, None).guideline.cited_items, *known}
    return Candidates.of(
        [i for i in reader.item_ids(project.id) if i not in shown],
        labeled=labeled,
        disagreement=_disagreement(reader, project, seen),
        touched=_touched(reader, project, seen),
        held_out=held_out,
    )


def _disagreement(reader: Reader, project: Project, seen: pd.DataFrame) -> dict[str, float]:
    """Return the disagreement on each item in the last round that labeled it."""
    if seen.empty:
        return {}
    last = seen[seen["round"] == seen.groupby("item")["round"].transform("max")]
    found: dict[str, float] = {}
    for _, part in last.groupby("round"):
        rows = item_disagreement(annotations_of(reader, project, part, data=False)).to_frame()
        found |= dict(zip(rows["item"].astype(str), rows["disagreement"].astype(float), strict=True))
    return {item: score for item, score in found.items() if score == score}


def _touched(reader: Reader, project: Project, seen: pd.DataFrame) -> set[str] | None:
    """Return the items of classes whose rules changed since the last closed round; None where nothing changed."""
    closed = rounds_of(reader, project, CLOSED)
    if not closed:
        return None
    before = version_of(reader, project, closed[-1].guideline_version)
    touched = diff_guidelines(before.guideline, version_of(reader, project, None).guideline).touched_classes
    return set(seen.loc[seen["label"].isin(touched), "item"]) if touched else None


def _columns(reader: Reader, project: Project, manifest: Manifest, wanted: object) -> list[str]:
    """Return the columns to show: those asked for, or all that do not tell what others said."""
    payload = {r.item: r.payload for r in reader.items(project.id, manifest.plan.items)}
    rows = list(payload.values())
    known = list(dict.fromkeys(c for row in rows for c in row))
    if not isinstance(wanted, list | tuple):
        return [c for c in known if telling(manifest, rows, c) is None]
    problems = [
        Problem(what=f"items have no column {c!r} to show", parameter="columns", value=c, allowed=tuple(known))
        for c in wanted
        if c not in known
    ] + [
        Problem(what=f"the column {c!r} holds mostly {told}: it would give away what others said", parameter="columns",
                value=c, next_step="Leave it out.")
        for c in wanted
        if c in known and (told := telling(manifest, rows, c)) is not None
    ]  # fmt: skip
    if problems:
        raise ParameterError(problems)
    return [str(c) for c in wanted]


def _design(manifest: Manifest, columns: Sequence[str]) -> dict[str, object]:
    data = manifest.to_dict()
    del data["assignments"]  # they have a table of their own
    return {**data, "columns": list(columns)}


def _store(writer: Writer, project: Project, manifest: Manifest, record: RoundRecord) -> None:
    writer.add_round(record)
    writer.add_assignments(
        AssignmentRecord(
            project_id=project.id,
            round=record.number,
            id=a.id,
            annotator=a.annotator,
            position=a.position,
            item=a.item,
            stratum=a.stratum,
            repeat_of=a.repeat_of,
            probability=a.probability,
        )
        for a in manifest.plan.assignments
    )


def _check_open(found: RoundRecord) -> None:
    check_choice("state", found.state, (OPEN, CLOSED, CANCELLED))
    if found.state != OPEN:
        what = f"round {found.number} is {found.state} already"
        raise ParameterError(Problem(what=what, parameter="round", value=found.number))


def strata_of(reader: Reader, project: Project, round: int) -> dict[Hashable, tuple[str, float | None]] | None:
    """Return stratum and probability of each item of a round, in the order it was asked; None without a design."""
    first = [a for a in reader.assignments(project.id, round) if a.repeat_of is None]
    place = Counter[str]()
    for a in first:
        place[a.item] = min(place.get(a.item, a.position), a.position)
    chosen = {a.item: (a.stratum, a.probability) for a in first}
    return {item: chosen[item] for item, _ in sorted(place.items(), key=lambda p: (p[1], p[0]))} or None
