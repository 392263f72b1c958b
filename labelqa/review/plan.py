"""The design of a round: which items, asked of whom, in which order; blind, balanced, with hidden repeats."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np

from labelqa.errors import ParameterError, Problem, check_whole, did_you_mean, is_whole, shorten
from labelqa.review import schedule
from labelqa.review.layout import Assignment, RoundPlan, RoundSettings, StratumPlan, as_map, setting_problem
from labelqa.review.sampling import CONTROL, FRESH, PAIRED, STRATA, Candidates, choose_items
from labelqa.text import counted

ID_LENGTH = 20
_BASE32 = "abcdefghijklmnopqrstuvwxyz234567"


def plan_round(
    candidates: Candidates,
    annotators: Sequence[str],
    *,
    counts: Mapping[str, int],
    round: int,
    seed: int,
    settings: RoundSettings | None = None,
    secret: str = "",
) -> RoundPlan:
    """Design a round: sample of each stratum, balanced blind assignments, random order, hidden repeats.

    Every item gets different annotators; assignments per annotator differ by at most one; pairs of annotators share
    about as many items. The same seed gives the same plan, in whatever order items and annotators come.

    Parameters
    ----------
    candidates : Candidates
        What there is to choose from.
    annotators : sequence of str
        Who labels.
    counts : mapping of str to int
        Items wanted of each stratum (paired, fresh, control, held_out); strata left out get none.
    round : int
        Number of the round, from 1.
    seed : int
        Source of all chance.
    settings : RoundSettings, optional
        How it is laid out.
    secret : str
        Enters the ids of assignments, so that nobody who guesses the seed can compute them.

    Raises
    ------
    ParameterError
        If the round cannot be laid out as asked; all reasons are listed.

    Examples
    --------
    >>> plan = plan_round(Candidates.of([f"t{i}" for i in range(30)]), ["ana", "bo", "cy"],
    ...                   counts={"fresh": 12}, round=1, seed=7)
    >>> plan
    Round 1: 12 items (fresh 12 of 30)
      3 annotators, 2 an item, 9 assignments each, 3 hidden repeats
    Next: .to_frame() for all assignments; keep it from annotators
    """
    settings = settings or RoundSettings()
    check_whole("round", round, 1, what="is not the number of a round", usual="1, 2, 3")
    check_whole("seed", seed, 0, what="is not a seed", usual="0")
    names = tuple(sorted(annotators))
    problems = [
        *_people_problems(names, settings),
        *_count_problems(candidates, counts),
        *_repeat_problems(names, counts, settings),
    ]
    if problems:
        raise ParameterError(problems)
    start = f"{seed} in round {round}"
    strata = tuple(_stratum(candidates, name, counts[name], settings, start) for name in STRATA if counts.get(name))
    key = _key(round, seed, settings, names, strata, secret)
    teams = _teams(strata, names, settings, start)
    apart = schedule.pairs_apart(np.concatenate(list(teams.values())), names)
    notes = (f"there are too few items for these pairs to share one: {shorten(apart)}",) if apart else ()
    return RoundPlan(
        round=int(round),
        seed=int(seed),
        settings=settings,
        annotators=names,
        strata=strata,
        assignments=_assignments(strata, teams, names, settings, key),
        notes=notes,
    )


def _stratum(candidates: Candidates, name: str, n: int, settings: RoundSettings, start: str) -> StratumPlan:
    among = candidates.where(candidates.strata == name)
    targeted = name in (PAIRED, FRESH) and settings.method == "disagreement"
    sample = choose_items(
        among,
        n,
        method=settings.method if targeted else "random",
        rng=schedule.stream(start, "sample", name),
        minimum_probability=settings.minimum_probability if targeted else None,
    )
    return StratumPlan(
        name=name,
        method=sample.method,
        available=len(among.items),
        probabilities=dict(sorted(zip(among.items, sample.probability.tolist(), strict=True))),
        items=tuple(sorted(among.items[p] for p in sample.positions.tolist())),
    )


def _teams(
    strata: Sequence[StratumPlan], names: Sequence[str], settings: RoundSettings, start: str
) -> dict[str, schedule.Ints]:
    """Return who labels the items of each stratum (items, size): strata one after the other, so each is balanced."""
    rng = schedule.stream(start, "teams")
    sizes = [len(s.items) for s in strata]
    shuffled = [rng.permutation(size) for size in sizes]
    teams = schedule.balanced_teams(sum(sizes), len(names), settings.annotators_per_item, rng)
    parts = np.split(teams, np.cumsum(sizes)[:-1])
    return {s.name: part[np.argsort(order)] for s, part, order in zip(strata, parts, shuffled, strict=True)}


def _assignments(
    strata: Sequence[StratumPlan],
    teams: Mapping[str, schedule.Ints],
    names: Sequence[str],
    settings: RoundSettings,
    key: bytes,
) -> tuple[Assignment, ...]:
    own: dict[str, list[tuple[str, StratumPlan]]] = {name: [] for name in names}
    for stratum in strata:
        for item, team in zip(stratum.items, teams[stratum.name].tolist(), strict=True):
            for at in team:
                own[names[at]].append((item, stratum))
    fewest = min(len(items) for items in own.values())
    n_repeats = schedule.number_of_repeats(fewest, settings.repeat_share)
    distance = settings.repeat_distance or schedule.usual_distance(fewest)
    out: list[Assignment] = []
    for name in names:
        rng = schedule.stream(key.hex(), "order", name)
        order = schedule.random_order(len(own[name]), n_repeats, distance, rng)
        out += [_assignment(key, name, i + 1, *own[name][at], again) for i, (at, again) in enumerate(order)]
    return tuple(out)


def _assignment(key: bytes, name: str, position: int, item: str, stratum: StratumPlan, again: bool) -> Assignment:
    return Assignment(
        id=assignment_id(key, name, item, again),
        annotator=name,
        position=position,
        item=item,
        stratum=stratum.name,
        repeat_of=assignment_id(key, name, item, False) if again else None,
        probability=stratum.probabilities[item],
    )


def assignment_id(key: bytes, annotator: str, item: str, again: bool) -> str:
    """Return the opaque id of an assignment: letters and digits that no spreadsheet takes for a number.

    Examples
    --------
    >>> len(assignment_id(b"key", "ana", "t1", False)) == ID_LENGTH
    True
    """
    message = json.dumps([annotator, item, again]).encode()
    number = int.from_bytes(hmac.new(key, message, hashlib.sha256).digest(), "big")
    return "q" + "".join(_BASE32[(number >> (5 * k)) & 31] for k in range(ID_LENGTH - 1))


def _key(
    round: int,
    seed: int,
    settings: RoundSettings,
    names: Sequence[str],
    strata: Sequence[StratumPlan],
    secret: str,
) -> bytes:
    """Return the key of the ids: the whole design, which no annotator knows, and the secret."""
    design = [secret, round, seed, as_map(settings), names, [as_map(s) for s in strata]]
    return hashlib.sha256(json.dumps(design, sort_keys=True, default=float).encode()).digest()


def _people_problems(names: Sequence[str], settings: RoundSettings) -> list[Problem]:
    repeated = sorted(name for name, times in Counter(names).items() if times > 1)
    problems = []
    if repeated:
        what = f"annotators are named more than once: {shorten(repeated)}"
        problems.append(Problem(what=what, parameter="annotators", value=repeated[0], allowed=("each name once",)))
    if any(not name.strip() for name in names):
        problems.append(Problem(what="an annotator has no name", parameter="annotators", value=""))
    have, need = len(set(names)), settings.annotators_per_item
    if have < need:
        what = f"there {'is' if have == 1 else 'are'} {counted(have, 'annotator')} for {need} different ones an item"
        step = f"Add {need - have} more" + (f", or set annotators_per_item={have}." if have >= 2 else ".")
        problems.append(Problem(what=what, parameter="annotators", value=have, next_step=step))
    return problems


def _count_problems(candidates: Candidates, counts: Mapping[str, int]) -> list[Problem]:
    strata = Counter(candidates.strata.tolist())
    problems = []
    for name, n in counts.items():
        if name not in STRATA:
            what = f"counts names the stratum {name!r}{did_you_mean(name, STRATA)}"
            problems.append(Problem(what=what, parameter="counts", value=name, allowed=STRATA))
        elif not is_whole(n, 0):
            problems.append(setting_problem(f"counts[{name!r}]", n, "a whole number from 0 on"))
        elif n > strata[name]:
            what = f"{n:,} {name} items were asked for and there are {strata[name]:,}: {n - strata[name]:,} too few"
            problems.append(Problem(what=what, parameter="counts", value=n, next_step=_more_of(name, candidates)))
    if not any(is_whole(n, 1) for n in counts.values()):
        problems.append(Problem(what="the round has no item", parameter="counts", value=dict(counts), allowed=STRATA))
    return problems


def _more_of(name: str, candidates: Candidates) -> str:
    """Return what gives more items of a stratum: without a changed rule there is no control."""
    if name == CONTROL and candidates.touched.all():
        return "Publish a changed rule first: control items are labeled items of the classes that it does not touch."
    return "Ask for fewer, or add items."


def _repeat_problems(names: Sequence[str], counts: Mapping[str, int], settings: RoundSettings) -> list[Problem]:
    total = sum(int(n) for n in counts.values() if is_whole(n, 0))
    have = len(set(names))
    if not total or have < settings.annotators_per_item:
        return []
    fewest = total * settings.annotators_per_item // have
    if fewest == 0:
        what = f"{counted(total, 'item')} for {have} annotators leaves some without any"
        step = "Ask for more items, or fewer annotators."
        return [Problem(what=what, parameter="counts", value=total, next_step=step)]
    repeats = schedule.number_of_repeats(fewest, settings.repeat_share)
    distance = settings.repeat_distance or schedule.usual_distance(fewest)
    room = fewest - distance + 1
    if room >= repeats:
        return []
    what = (
        f"{counted(repeats, 'repeat')} at a distance of {distance} or more do not fit into {counted(fewest, 'item')} "
        "of an annotator"
    )
    step = f"Set repeat_distance to at most {max(1, fewest - repeats + 1)}, lower repeat_share, or ask for more items."
    return [Problem(what=what, parameter="repeat_distance", value=distance, next_step=step)]
