"""Which layout a table has, and which column is what."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from labelqa.annotations.frames import check_columns
from labelqa.errors import shorten
from labelqa.io import unclear, words, worktime
from labelqa.io.longform import ROLES, LongFinding, best_named, find_long
from labelqa.io.profile import Profile, n_pairs
from labelqa.io.wideform import WideFinding, are_questions, find_wide

SAMPLE = 20_000  # rows looked at first; all of them where these do not decide
CELLS = 2_000_000  # cells looked at in tables of many columns
GOOD_NAME = 2.7  # a name score that says annotator or item beyond a mere hint
STRONG_NAME = 3.5  # and that it can be little else
HINT = 1.0  # a name score from which a name says something
MAX_NAMED = 40  # annotators' columns that a note names
STEM_SCORE = 2.0  # what the name of the file counts as a hint of the annotator


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Columns that the user has named; None where not."""

    item: str | None = None
    annotator: str | None = None
    annotators: tuple[str, ...] | None = None
    label: str | None = None
    round: str | None = None
    timestamp: str | None = None

    def named(self) -> dict[str, str]:
        """Return the single columns by role."""
        pairs = ((r, getattr(self, r)) for r in ("item", "annotator", "label", "round", "timestamp"))
        return {role: column for role, column in pairs if column is not None}


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """What each column is.

    Attributes
    ----------
    layout : {"long", "wide"}
        One row a label, or one column an annotator.
    roles : mapping of role to column name
        Item, annotator, label, and round, timestamp, duration where there are such columns.
    annotators : tuple of str
        The annotators' columns of a wide table.
    notes : tuple of str
        Decisions a user should know of.
    """

    layout: str
    roles: Mapping[str, str] = field(default_factory=dict)
    annotators: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def find_columns(frame: pd.DataFrame, asked: Asked, *, file: str | None = None, stem: str | None = None) -> Columns:
    """Find out what each column of `frame` is.

    Parameters
    ----------
    frame : DataFrame (rows,)
        The table.
    asked : Asked
        What the user has named; that is not questioned.
    file : str, optional
        File for messages.
    stem : str, optional
        Column that holds the name of the file each row comes from: the annotator, where no column tells.

    Raises
    ------
    ColumnError
        If a named column does not exist, or a role cannot be told; the message shows every column.
    """
    wide = {f"annotator {i + 1}": c for i, c in enumerate(asked.annotators or ())}
    check_columns(frame, {**asked.named(), **wide}, file)
    sample = _sample(frame)
    profiles = _profiles(sample)
    found = _find(profiles, asked, stem)
    if isinstance(found, unclear.Unclear) and len(sample) < len(frame):
        profiles = _profiles(frame)
        found = _find(profiles, asked, stem)
    if isinstance(found, unclear.Unclear):
        raise unclear.error(found, [p for p in profiles if p.name != stem], file)
    return found


def _sample(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the first, middle and last rows, in blocks so that the rows of an item stay together."""
    size = min(SAMPLE, max(1000, CELLS // max(1, len(frame.columns))))
    if len(frame) <= size:
        return frame
    half, middle = size // 2, len(frame) // 2
    rows = np.r_[0:half, middle : middle + size // 4, len(frame) - size // 4 : len(frame)]
    return frame.take(np.unique(rows))


def _profiles(frame: pd.DataFrame) -> list[Profile]:
    return [Profile(frame[c]) for c in frame.columns]


def _find(profiles: Sequence[Profile], asked: Asked, stem: str | None) -> Columns | unclear.Unclear:
    rounds = _round(profiles, asked)
    if asked.annotators is not None:
        group = WideFinding(annotators=asked.annotators)
        return _wide(group, profiles, asked, rounds)
    named = asked.named()
    if {"item", "annotator", "label"} <= named.keys():
        return _with_times(Columns(layout="long", roles=named), profiles, rounds)
    free = [p for p in profiles if p.name not in named.values() and p.name != stem and p is not rounds]
    wide = WideFinding() if {"annotator", "label"} & named.keys() else find_wide(free)
    if wide.votes and not _good_annotator(free):
        return unclear.Unclear(votes=wide.votes)
    long = find_long(
        [p for p in profiles if p is not rounds],
        {r: c for r, c in named.items() if r in ROLES},
        rounds=rounds,
        hints={} if stem is None else {stem: STEM_SCORE},
    )
    if wide.annotators and _is_wide(wide, long, profiles, asked):
        if wide.rivals:
            return unclear.Unclear(rivals={"annotators": (*wide.annotators, *wide.rivals)})
        return _checked_wide(wide, profiles, asked, rounds)
    return _long(long, profiles, asked, rounds, stem)


def _is_wide(wide: WideFinding, long: LongFinding, profiles: Sequence[Profile], asked: Asked) -> bool:
    """Whether a table in which columns share a vocabulary is one row an item, not one row a label."""
    members = set(wide.annotators)
    others = [p for p in profiles if p.name not in members]
    items = [p for p in others if words.item_score(p.words) >= words.NAMED_NOUN]
    repeats = bool(items) and not any(p.is_unique for p in items)
    named = best_named("annotator", [p for p in profiles if p.name in members])[1] >= GOOD_NAME
    if named and "label" in long.named and not wide.named:
        return False  # columns called annotator and label hold just that, though their values look alike
    if wide.named:
        return not (repeats and long.score > 0 and long.columns["annotator"] not in members)
    if _good_annotator(others) and (repeats or "label" in long.named):
        return False
    keyed = asked.item is not None or any(p.is_unique and not p.is_time for p in others)
    return keyed or not long.columns or bool(long.rivals)


def _good_annotator(profiles: Sequence[Profile]) -> bool:
    """Whether a column says by its name that it holds annotators, and has some that occur more than once."""
    best, score = best_named("annotator", profiles)
    return best is not None and score >= GOOD_NAME and not best.is_unique


def _long(
    found: LongFinding, profiles: Sequence[Profile], asked: Asked, rounds: Profile | None, stem: str | None
) -> Columns | unclear.Unclear:
    if found.rivals:
        return unclear.Unclear(recognised=found.columns, rivals=found.rivals)
    if not found.columns:
        return unclear.Unclear(recognised=unclear.recognised(profiles, asked.named()))
    roles = {**found.columns, **asked.named()}
    rounds = rounds or worktime.find_repeated_round(profiles, roles)
    who = next(p for p in profiles if p.name == roles["annotator"])
    notes = [
        f"which column holds the annotator was decided by content: check that {who.name!r} names people; name the "
        "annotator column if not"
    ]
    told = who.name in (stem, asked.annotator) or words.annotator_score(who.words) >= HINT
    return _with_times(Columns(layout="long", roles=roles, notes=() if told else tuple(notes)), profiles, rounds)


def _with_times(columns: Columns, profiles: Sequence[Profile], rounds: Profile | None) -> Columns:
    roles = dict(columns.roles)
    if rounds is not None and rounds.name not in roles.values():
        roles["round"] = rounds.name
    for role, column in worktime.find_times(profiles, roles).items():
        roles.setdefault(role, column)
    order = ("item", "annotator", "label", "round", "timestamp", "duration")
    return Columns(layout="long", roles={r: roles[r] for r in order if r in roles}, notes=columns.notes)


def _round(profiles: Sequence[Profile], asked: Asked) -> Profile | None:
    if asked.round is not None:
        return next(p for p in profiles if p.name == asked.round)
    return worktime.find_named_round([p for p in profiles if p.name not in asked.named().values()])


def _checked_wide(
    found: WideFinding, profiles: Sequence[Profile], asked: Asked, rounds: Profile | None
) -> Columns | unclear.Unclear:
    """Return the columns, unless a row is an annotator and each column an item or a question."""
    columns = _wide(found, profiles, asked, rounds)
    item = next((p for p in profiles if p.name == columns.roles.get("item")), None)
    row_is_annotator = item is not None and (words.annotator_score(item.words) >= GOOD_NAME or item.holds_emails)
    members = [p for p in profiles if p.name in found.annotators]
    if asked.item is None and (row_is_annotator or are_questions(members)):
        return unclear.Unclear(questions=found.annotators)
    return columns


def _wide(found: WideFinding, profiles: Sequence[Profile], asked: Asked, rounds: Profile | None) -> Columns:
    rest = [p for p in profiles if p.name not in found.annotators and p is not rounds]
    item = asked.item or _item_of_wide(rest, rounds)
    roles = {} if item is None else {"item": item}
    if rounds is not None:
        roles["round"] = rounds.name
    notes = [] if item else ["no column names the items: they are numbered in the order of the rows, from 0"]
    if not found.named and asked.annotators is None:
        others = [p.name for p in rest if p.name != item]
        besides = f" (and not: {shorten(others, MAX_NAMED)})" if others else ""
        notes.append(
            "which columns are annotators was decided by content: check that these are people: "
            f"{shorten(found.annotators, MAX_NAMED)}{besides}; name the annotators' columns if not"
        )
    if found.left_out:
        notes.append(
            f"columns that look alike but were not taken for annotators: {shorten(found.left_out)}; name all "
            "annotators' columns if they are"
        )
    return Columns(layout="wide", roles=roles, annotators=found.annotators, notes=tuple(notes))


def _item_of_wide(rest: Sequence[Profile], rounds: Profile | None) -> str | None:
    """Return the column that names the items: unique, short, and named so or the first of its kind."""
    fit = [p for p in rest if p.k and not (p.is_time or p.is_prose or p.is_fractional or words.is_reference(p.words))]
    keys = [p for p in fit if _is_key(p, rounds)]
    best, score = best_named("item", keys)
    if best is not None and score > 0:
        return best.name
    named, score = best_named("item", fit)
    if named is not None and (score >= STRONG_NAME or 2 * named.k > named.n_present):
        return named.name  # repeated: the duplicates are reported with their rows
    plain = [p for p in keys if not words.is_metadata(p.words)]
    return plain[0].name if plain else None


def _is_key(p: Profile, rounds: Profile | None) -> bool:
    if p.n_present < len(p.codes):
        return False
    return p.is_unique if rounds is None else n_pairs(p.codes, rounds.codes) == len(p.codes)
