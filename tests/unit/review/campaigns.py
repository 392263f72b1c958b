"""Simulated campaigns: two rounds of labels with a known truth, for the tests and the bench of `measure_change`.

Six classes in three pairs that look alike. Items differ in difficulty, the same in both rounds; people differ in care;
one of them is replaced between the rounds. A label is the partner class with a probability that goes with the pair, the
item and the person, and any class with a small probability (a slip).
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from labelqa.annotations.table import Annotations
from labelqa.review.sampling import Candidates, choose_items

CLASSES = ("scratch", "dent", "rust", "stain", "crack", "chip")
RULE = ("R3", "scratch", "dent")
FIRST, SECOND = ("ann", "ben", "cem", "dov"), ("ann", "ben", "cem", "eve")


@dataclass(frozen=True)
class Reading:
    """How people read the instruction: probability to take a class for its partner, by pair, and of a slip."""

    pairs: tuple[float, float, float] = (0.30, 0.12, 0.12)
    slip: float = 0.04

    def scaled(self, factor):
        return Reading(tuple(p * factor for p in self.pairs), self.slip * factor)


@dataclass(frozen=True)
class Campaign:
    """Two rounds; sizes are items. Paired items are chosen by `method` among those with labels of the changed rule."""

    before: Reading = field(default_factory=Reading)
    after: Reading = field(default_factory=Reading)
    n_before: int = 300
    n_held_out: int = 80
    n_fresh: int = 80
    n_paired: int = 60
    n_control: int = 60
    method: str = "disagreement"
    shares: tuple[float, ...] = (0.2, 0.2, 0.15, 0.15, 0.15, 0.15)
    labels_per_item: int = 2
    restricted: bool = True  # whether paired items are those with labels of the changed rule


@dataclass(frozen=True)
class Simulated:
    before: Annotations
    after: Annotations
    strata: dict


def simulate(campaign, rng):
    """Return the labels of both rounds and how the items of the later one were chosen."""
    n = campaign.n_before + campaign.n_fresh
    names = np.array([f"i{j:05d}" for j in range(n)], dtype=object)
    truth = rng.choice(len(CLASSES), size=n, p=campaign.shares)
    hardness = rng.beta(1.2, 1.2, size=n) * 2  # mean 1
    old = np.arange(campaign.n_before)
    first = labels(campaign, campaign.before, FIRST, (names, truth, hardness), old, rng)
    strata = design(campaign, first, names, rng)
    place = {name: j for j, name in enumerate(names)}
    rows = np.array([place[name] for name in strata], dtype=np.intp)
    second = labels(campaign, campaign.after, SECOND, (names, truth, hardness), rows, rng)
    return Simulated(annotations(first), annotations(second), strata)


def labels(campaign, reading, people, world, rows, rng):
    """Return a long table: every item by `labels_per_item` of the people."""
    names, truth, hardness = world
    care = np.linspace(0.8, 1.2, len(people))
    who = np.argsort(rng.random((rows.size, len(people))), axis=1)[:, : campaign.labels_per_item]
    item = np.repeat(rows, campaign.labels_per_item)
    who = who.ravel()
    true = truth[item]
    chance = np.minimum(np.array(reading.pairs)[true // 2] * hardness[item] * care[who], 0.9)
    given = np.where(rng.random(item.size) < chance, true ^ 1, true)
    slips = rng.random(item.size) < reading.slip
    given = np.where(slips, rng.integers(0, len(CLASSES), item.size), given)
    return pd.DataFrame(
        {
            "item": names[item],
            "annotator": np.array(people, dtype=object)[who],
            "label": np.array(CLASSES, dtype=object)[given],
        }
    )


def design(campaign, first, names, rng):
    """Return item -> (stratum, probability) in random order."""
    old, new = names[: campaign.n_before], names[campaign.n_before :]
    held_out = set(rng.choice(old, size=campaign.n_held_out, replace=False)) if campaign.n_held_out else set()
    groups = first.groupby("item")["label"]
    split = (groups.nunique() > 1).astype(float).to_dict()
    touched = set(first.loc[first["label"].isin(RULE[1:]), "item"]) if campaign.restricted else None
    pool = [name for name in old if name not in held_out]
    candidates = Candidates.of(pool, labeled=set(pool), disagreement=split, touched=touched)
    out = dict.fromkeys(held_out, ("held_out", campaign.n_held_out / campaign.n_before))
    for stratum, wanted, method in (
        ("paired", campaign.n_paired, campaign.method),
        ("control", campaign.n_control, "random"),
    ):
        part = candidates.where(candidates.strata == stratum)
        sample = choose_items(part, min(wanted, len(part.items)), method=method, rng=rng)
        out |= {part.items[j]: (stratum, float(sample.probability[j])) for j in sample.positions}
    out |= dict.fromkeys(new, ("fresh", None))
    order = sorted(out)
    return {order[j]: out[order[j]] for j in rng.permutation(len(order))}


def annotations(frame, classes=CLASSES):
    return Annotations.from_frame(frame, item="item", annotator="annotator", label="label", classes=list(classes))


def truths(campaign, n=60_000, seed=99):
    """Return a campaign of very many fresh items: what it measures is the truth, to about .003."""
    large = replace(campaign, n_before=n, n_fresh=n, n_held_out=0, n_paired=0, n_control=0)
    return simulate(large, np.random.default_rng(seed))


IMPROVED = Campaign(after=Reading(pairs=(0.08, 0.12, 0.12)))
UNCHANGED = Campaign()
LEARNED = Campaign(after=Reading().scaled(0.45))
REGRESSED = Campaign(before=Reading(pairs=(0.30, 0.04, 0.12)), after=Reading(pairs=(0.08, 0.42, 0.12)))
