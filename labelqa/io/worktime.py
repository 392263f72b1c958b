"""Columns that tell in which round, when, and for how long somebody labeled."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from labelqa.io import words
from labelqa.io.profile import Profile, n_pairs, varies_within

MAX_ROUNDS = 50
_STRONG_ROUND = 4.0
_LABELED = words.word_set("annotated labeled labelled rated judged coded submitted submit completed finished answered")
_TIME_WORDS = words.word_set("at time date timestamp datetime on")
_DURATIONS = (
    {"lead", "time"}, {"work", "time"}, {"time", "spent"}, {"time", "taken"}, {"response", "time"},
    {"reaction", "time"}, {"judgment", "time"}, {"judgement", "time"}, {"labeling", "time"}, {"annotation", "time"},
    {"worktime"}, {"leadtime"}, {"duration"}, {"elapsed"}, {"seconds"}, {"secs"}, {"rt"},
)  # fmt: skip
_NOT_WORK = words.word_set(
    "ms millis milliseconds minutes min hours assignment lifetime approval delay max video audio clip"
)


def find_named_round(profiles: Sequence[Profile]) -> Profile | None:
    """Return the column that is called round, if it has few values."""
    fit = [p for p in profiles if words.round_score(p.words) >= _STRONG_ROUND and 1 <= p.k <= MAX_ROUNDS]
    return min((p for p in fit if not p.is_prose), key=lambda p: len(p.words.words), default=None)


def find_repeated_round(profiles: Sequence[Profile], roles: Mapping[str, str]) -> Profile | None:
    """Return a column called phase, batch, session or the like, if just it tells repeated labels apart."""
    free = [p for p in profiles if p.name not in roles.values() and words.round_score(p.words)]
    fit = [p for p in free if 2 <= p.k <= MAX_ROUNDS]
    if not fit:
        return None
    by_name = {p.name: p for p in profiles}
    item, annotator = by_name[roles["item"]].codes, by_name[roles["annotator"]].codes
    rows = int(((item >= 0) & (annotator >= 0)).sum())
    if n_pairs(item, annotator) == rows:
        return None
    return next((p for p in fit if n_pairs(item, annotator, p.codes) == rows), None)


def find_times(profiles: Sequence[Profile], roles: Mapping[str, str]) -> dict[str, str]:
    """Return the columns of timestamp and duration, where there are such."""
    taken = set(roles.values())
    free = [p for p in profiles if p.name not in taken]
    item = next(p for p in profiles if p.name == roles["item"]).codes
    out: dict[str, str] = {}
    times = sorted(((_time_rank(p), i) for i, p in enumerate(free) if _time_rank(p) < 9 and p.is_time))
    for rank, i in times:
        if rank == 0 or varies_within(free[i].codes, item) > 0:
            out["timestamp"] = free[i].name
            break
    spans = sorted((_duration_rank(p), i) for i, p in enumerate(free) if _duration_rank(p) < len(_DURATIONS))
    if spans:
        out["duration"] = free[spans[0][1]].name
    return out


def _time_rank(p: Profile) -> int:
    """Return 0 for the time of labeling, 1 to 3 for times that may be it, 9 for anything else."""
    parts = set(p.words.words)
    if not parts & (_TIME_WORDS | _LABELED | {"created", "updated"}):
        return 9
    if "timestamp" in parts or parts & _LABELED:
        return 0
    return 1 if "created" in parts else 2 if parts <= _TIME_WORDS else 3


def _duration_rank(p: Profile) -> int:
    parts = set(p.words.words)
    if parts & _NOT_WORK or not p.reals or p.is_time or (p.k < 2 and parts != {"duration"}):
        return len(_DURATIONS)
    if 2 * sum(r < 0 for r in p.reals) > len(p.reals):  # a few below zero are errors of a clock, and found as such
        return len(_DURATIONS)
    return next((i for i, wanted in enumerate(_DURATIONS) if wanted <= parts), len(_DURATIONS))
