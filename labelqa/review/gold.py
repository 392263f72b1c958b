"""Gold labels with their provenance: what people agree on, what was decided and by which rule, what is open."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from labelqa.errors import ParameterError, Problem
from labelqa.guidelines.document import Guideline
from labelqa.guidelines.markdown import guideline_markdown
from labelqa.results import Result
from labelqa.review.exchange.files import write_file
from labelqa.review.ledger import current_decisions
from labelqa.review.lookup import OPEN, held_out_items, released, rounds_of
from labelqa.review.project import Project
from labelqa.review.revise import history_of
from labelqa.review.visibility import seen_frame
from labelqa.store.reader import Reader
from labelqa.store.records import DecisionRecord
from labelqa.text import counted

UNANIMOUS, ADJUDICATED, UNRESOLVED = "unanimous", "adjudicated", "unresolved"
LABELS = (
    "item", "label", "valid_labels", "provenance", "reason", "n_labels", "round", "guideline_version", "rule_id",
    "rule_changed_since", "decided_by", "cause", "confidence",
)  # fmt: skip
DECISIONS = (
    "seq", "uuid", "item", "kind", "labels", "cause", "rule_id", "confidence", "note", "actor", "supersedes",
    "guideline_version", "created_utc",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class GoldLabels(Result):
    """The labels of a project and where each one comes from.

    Attributes
    ----------
    labels : pandas.DataFrame
        One row an item with labels or a decision, by id. Columns: item; label ("" where unresolved or several are
        valid); valid_labels (a JSON list); provenance (``unanimous``: two people or more, all alike; ``adjudicated``;
        ``unresolved``) and reason in words; n_labels of the round that counts (the last one that labeled the item);
        round (missing where nobody labeled it); guideline_version (that it was labeled, or decided, under); rule_id,
        decided_by, cause and confidence of the decision; rule_changed_since (whether that rule reads differently in
        the version in force).
    soft_labels : pandas.DataFrame
        One row an item: item, and the share of each class; of an adjudicated one, even shares of the valid labels.
    decisions : pandas.DataFrame
        The whole log of decisions on these items, undone and superseded ones too.
    guideline : Guideline
        The version in force.
    guideline_version : int
        Its number.
    n_held_out : int
        Items with labels that are held out, and not in here.
    """

    labels: pd.DataFrame
    soft_labels: pd.DataFrame
    decisions: pd.DataFrame
    guideline: Guideline
    guideline_version: int
    n_held_out: int

    @property
    def n_single(self) -> int:
        """How many items only one person labeled, and nobody decided: they need a second label."""
        return int(self._open["n_labels"].eq(1).sum())

    @property
    def contested(self) -> dict[int, int]:
        """How many items people disagree on that nobody decided, by the round that counts."""
        found = self._open.loc[self._open["n_labels"] > 1, "round"].value_counts().sort_index()
        return {int(number): int(n) for number, n in zip(found.index.tolist(), found.tolist(), strict=True)}

    @property
    def _open(self) -> pd.DataFrame:
        return self.labels[self.labels["provenance"] == UNRESOLVED]

    def to_frame(self) -> pd.DataFrame:
        """Return one row an item."""
        return self.labels.copy()

    def to_dict(self) -> dict[str, object]:
        """Return a JSON-safe dictionary."""
        return super(GoldLabels, self).to_dict() | {"guideline": self.guideline.to_dict()}

    def summary(self) -> list[str]:
        """Return how many labels come from where."""
        found = self.labels["provenance"].value_counts()
        told = ", ".join(f"{int(found.get(p, 0)):,} {p}" for p in (UNANIMOUS, ADJUDICATED, UNRESOLVED))
        stale = int(self.labels["rule_changed_since"].sum())
        left = int(found.get(UNRESOLVED, 0))
        settle = f"  next: review.review_queue and review.decide for {counted(left, 'unresolved item')}; .labels"
        return [
            f"Gold labels of {counted(len(self.labels), 'item')}: {told}",
            f"  guideline version {self.guideline_version}; log of decisions: {len(self.decisions):,}",
            *([f"  ! {counted(stale, 'decision')} by a rule that changed since: look again"] if stale else []),
            *([f"  ! {counted(self.n_held_out, 'held-out item')} left out until released"] if self.n_held_out else []),
            settle if left else "  next: .labels, .soft_labels, .decisions",
        ]


def export_gold(project: Project, folder: str | Path | None = None, *, actor: str) -> GoldLabels:
    """Return the labels of closed rounds with their provenance, and write them to a folder if one is named.

    Parameters
    ----------
    project : Project
        Whose labels.
    folder : path, optional
        Gets labels.csv, soft_labels.csv, decisions.jsonl, guideline.md and manifest.json (counts and hashes). It may
        exist if it is empty.
    actor : str
        Who exports; a lead.

    Returns
    -------
    GoldLabels
        Frames of labels, soft labels and decisions, and the guideline.

    Raises
    ------
    NotAllowedError
        If the actor is not a lead.
    ParameterError
        If no round is closed, or the folder holds files.
    """
    target = None if folder is None else _empty(Path(folder))
    with project.reading(actor, "export_gold") as reader:
        gold = _gold(reader, project)
    files = [] if target is None else _write(gold, target)
    with project.writing(actor, "export_gold") as writer:
        project.tell(writer, "gold_exported", actor, {"items": len(gold.labels), "files": [f.name for f in files]})
    return gold


def release_held_out(project: Project, *, actor: str, reason: str) -> int:
    """Release the held-out items: from now on everybody sees their labels, and they prove nothing any more.

    Returns
    -------
    int
        How many were released.

    Raises
    ------
    ParameterError
        If a round is open, or they are released already.
    """
    with project.writing(actor, "export_gold") as writer:
        still = [r.number for r in rounds_of(writer, project, OPEN)]
        if still or released(writer, project):
            what = f"round {still[0]} is open" if still else "the held-out items are released already"
            raise ParameterError(Problem(what=what, parameter="project", value=project.name))
        count = len(held_out_items(writer, project))
        settings = writer.project(project.name).settings
        writer.set_settings(project.id, {**settings, "held_out_released": True})
        project.tell(writer, "held_out_released", actor, {"items": count, "reason": reason})
    return count


def _gold(reader: Reader, project: Project) -> GoldLabels:
    frame, hidden = seen_frame(reader, project, "gold")
    if frame.empty:
        step = "Close a round first: close_round."
        raise ParameterError(
            Problem(what="no round is closed", parameter="project", value=project.name, next_step=step)
        )
    history = history_of(reader, project)
    rules = {v.number: v.guideline for v in history}
    closed_away = held_out_items(reader, project)
    log = [d for d in reader.decisions(project.id) if d.item not in closed_away]
    standing = current_decisions(log)
    votes = _votes(frame, project, standing)
    shares = votes.to_numpy(dtype=np.float64)
    shares = shares / np.maximum(shares.sum(axis=1, keepdims=True), 1)
    last = {str(i): int(n) for i, n in frame.groupby("item")["round"].max().items()}
    versions = frame.dropna(subset="guideline_version")
    seen_by = dict(zip(versions["item"], versions["guideline_version"].astype(int), strict=True))  # the latest stays
    rows, counts = [], votes.to_numpy()
    for at, item in enumerate(votes.index):
        vote = _Vote(item, counts[at], last.get(item), seen_by.get(item))
        decision = standing.get(item)
        if decision is not None:
            rows.append(_decided(vote, decision, rules, history[-1].number))
            shares[at] = [c in decision.labels for c in project.classes]
            shares[at] /= shares[at].sum()
        else:
            rows.append(_voted(vote, project.classes))
    soft = pd.DataFrame(shares, columns=list(project.classes)).set_axis(votes.index, axis=0).rename_axis("item")
    return GoldLabels(
        labels=pd.DataFrame(rows, columns=list(LABELS)).astype({"round": "Int64", "guideline_version": "Int64"}),
        soft_labels=soft.reset_index(),
        decisions=pd.DataFrame([_entry(d) for d in log], columns=list(DECISIONS), dtype=object),
        guideline=history[-1].guideline,
        guideline_version=history[-1].number,
        n_held_out=hidden,
    )


def _votes(frame: pd.DataFrame, project: Project, decided: Iterable[str]) -> pd.DataFrame:
    """Return votes of each item in the last round that labeled it (n, k); none for those only decided."""
    last = frame[frame["round"] == frame.groupby("item")["round"].transform("max")]
    table = pd.crosstab(last["item"].to_numpy(), last["label"].to_numpy())
    items = sorted({*table.index, *decided})
    return table.reindex(index=items, columns=list(project.classes), fill_value=0)


@dataclass(frozen=True, slots=True)
class _Vote:
    item: str
    counts: npt.NDArray[np.int64]
    round: int | None
    version: object


def _voted(vote: _Vote, classes: tuple[str, ...]) -> dict[str, object]:
    n, most = int(vote.counts.sum()), int(vote.counts.max())
    alike = n > 1 and most == n
    told = f"all {n:,} people said so" if alike else "one person labeled it" if n == 1 else "people disagree"
    label = classes[int(vote.counts.argmax())] if alike else ""
    return _row(
        vote,
        label=label,
        valid_labels=_listed([label] if alike else []),
        provenance=UNANIMOUS if alike else UNRESOLVED,
        reason=told,
        guideline_version=vote.version,
    )


def _decided(vote: _Vote, decision: DecisionRecord, rules: Mapping[int, Guideline], newest: int) -> dict[str, object]:
    version = decision.guideline_version
    by_rule = f", rule {decision.rule_id}" if decision.rule_id else ""
    changed = decision.rule_id is not None and _text(rules.get(version or 0), decision.rule_id) != _text(
        rules[newest], decision.rule_id
    )
    return _row(
        vote,
        label=decision.labels[0] if len(decision.labels) == 1 else "",
        valid_labels=_listed(decision.labels),
        provenance=ADJUDICATED,
        reason=f"decided by {decision.actor} under version {version}{by_rule}",
        guideline_version=version,
        rule_id=decision.rule_id or "",
        rule_changed_since=changed,
        decided_by=decision.actor,
        cause=decision.cause,
        confidence=decision.confidence,
    )


def _row(vote: _Vote, **told: object) -> dict[str, object]:
    empty: dict[str, object] = {"rule_id": "", "rule_changed_since": False, "decided_by": "", "cause": ""}
    return (
        empty | {"item": vote.item, "n_labels": int(vote.counts.sum()), "round": vote.round, "confidence": None} | told
    )


def _listed(labels: Sequence[str]) -> str:
    return json.dumps(list(labels), ensure_ascii=False)


def _text(guideline: Guideline | None, rule_id: str) -> object:
    if guideline is None or rule_id not in guideline.ids:
        return None
    rule = guideline.rule(rule_id)
    return rule.kind, rule.class_name, rule.other, rule.text


def _entry(decision: DecisionRecord) -> dict[str, object]:
    return {name: value for name, value in asdict(decision).items() if name in DECISIONS}


def _write(gold: GoldLabels, folder: Path) -> list[Path]:
    lines = (json.dumps(row, ensure_ascii=False, sort_keys=True) for row in gold.decisions.to_dict("records"))
    contents = {
        "labels.csv": gold.labels.to_csv(index=False).encode(),
        "soft_labels.csv": gold.soft_labels.to_csv(index=False).encode(),
        "decisions.jsonl": "".join(f"{line}\n" for line in lines).encode(),
        "guideline.md": guideline_markdown(gold.guideline).encode(),
    }
    manifest = {
        "format": "labelqa gold labels",
        "schema_version": 1,
        "guideline_version": gold.guideline_version,
        "guideline_hash": gold.guideline.content_hash,
        "n_items": len(gold.labels),
        "n_held_out": gold.n_held_out,
        "provenance": {str(k): int(v) for k, v in gold.labels["provenance"].value_counts().sort_index().items()},
        "files": {name: hashlib.sha256(content).hexdigest() for name, content in contents.items()},
    }
    contents["manifest.json"] = (json.dumps(manifest, indent=2, sort_keys=True) + "\n").encode()
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in contents.items():
        write_file(folder / name, content)
    return [folder / name for name in contents]


def _empty(folder: Path) -> Path:
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        what = "the folder for gold labels holds files already" if folder.is_dir() else "this is a file, not a folder"
        step = "Name a new folder; nothing was overwritten."
        raise ParameterError(
            Problem(what=what, file=folder.name, parameter="folder", value=folder.name, next_step=step)
        )
    return folder
