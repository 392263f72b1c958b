"""Labels with planted causes of disagreement, for the tests and the bench of triage."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from labelqa.annotations.table import Annotations

CLEAR, DEFINITION, VARIATION, HARD = range(4)
CAUSES = ("slip", "definition", "variation", "hard")


@dataclass(frozen=True)
class Planted:
    """Labels, what each item is, and which labels are slips.

    `kind` (n,) holds the codes above by item number (items are named by it), `slipped` the set of (item, class) that
    somebody gave to an item which it does not have under any reading.
    """

    annotations: Annotations
    kind: np.ndarray
    slipped: set
    truth: np.ndarray


@dataclass(frozen=True)
class Design:
    """How labels are made.

    Of n items, shares `pair`, `vary`, `hard` lie between the classes of the pairs 0-1 (and 2-3, ... for `n_pairs`),
    vary between two (60 %) or three classes of their own, or are guessed; the others have one true class. Each of m
    people slips with a probability of their own (Gamma with mean `slip`, standard deviation half of it), to any other
    class alike. When asked again in a later round, people keep a reading with probability `keep`; slips and guesses are
    new. Shares of readings are uniform in 0.25..0.75 in pairs, Dirichlet(3, ...) in varying items. Two ways in which
    data may differ from what triage supposes: a share `neighbour` of the slips goes to the next class; with `leaning`,
    people read all items of a pair by a habit of their own (share of the first class uniform in 0..1).
    """

    n: int = 600
    labels: int = 5
    k: int = 6
    m: int = 12
    slip: float = 0.06
    pair: float = 0.15
    vary: float = 0.10
    hard: float = 0.0
    rounds: int = 1
    keep: float = 0.9
    n_pairs: int = 1
    neighbour: float = 0.0
    leaning: bool = False

    def draw(self, seed):
        """Return planted labels."""
        rng = np.random.default_rng(seed)
        kind = rng.choice(4, self.n, p=[1 - self.pair - self.vary - self.hard, self.pair, self.vary, self.hard])
        truth = rng.integers(0, self.k, self.n)
        shares = np.zeros((self.n, self.k))
        for i in range(self.n):
            classes, theta = self._readings(kind[i], truth[i], rng)
            shares[i, classes] = theta
        who = np.argsort(rng.random((self.n, self.m)), axis=1)[:, : self.labels].ravel()
        item = np.repeat(np.arange(self.n), self.labels)
        error = np.clip(rng.gamma(4, self.slip / 4, self.m), 0.005, 0.4)
        mine = shares[item]
        if self.leaning:
            mine = self._by_habit(mine, kind[item], who, rng)
        reading = self._drawn(mine, rng)
        rounds = []
        for at in range(self.rounds):
            anew = (rng.random(item.size) > self.keep) | (kind[item] == HARD) if at else np.zeros(item.size, bool)
            reading = np.where(anew, self._drawn(mine, rng), reading)
            wrong = rng.random(item.size) < error[who]
            step = np.where(rng.random(item.size) < self.neighbour, 1, rng.integers(1, self.k, item.size))
            label = np.where(wrong, (reading + step) % self.k, reading)
            rounds.append(pd.DataFrame({"item": item, "annotator": who, "label": label, "round": at + 1}))
        frame = pd.concat(rounds)
        off = frame[shares[frame["item"], frame["label"]] == 0]
        return Planted(
            annotations=as_annotations(frame, self.k, several=self.rounds > 1),
            kind=kind,
            slipped=set(zip(off["item"], off["label"], strict=True)),
            truth=truth,
        )

    def _readings(self, kind, truth, rng):
        if kind == CLEAR:
            return [truth], [1.0]
        if kind == HARD:
            return list(range(self.k)), np.full(self.k, 1 / self.k)
        if kind == DEFINITION:
            first, share = 2 * rng.integers(0, self.n_pairs), rng.uniform(0.25, 0.75)
            return [first, first + 1], [share, 1 - share]
        size = 2 if self.k < 3 or rng.random() < 0.6 else 3
        return rng.choice(self.k, size, replace=False), rng.dirichlet(np.full(size, 3.0))

    def _by_habit(self, shares, kind, who, rng):
        habit = rng.random((self.n_pairs, self.m))
        out = shares.copy()
        for at in range(self.n_pairs):
            rows = np.flatnonzero((kind == DEFINITION) & (shares[:, 2 * at] > 0))
            out[rows, 2 * at], out[rows, 2 * at + 1] = habit[at, who[rows]], 1 - habit[at, who[rows]]
        return out

    @staticmethod
    def _drawn(shares, rng):
        return (rng.random(len(shares))[:, None] > np.cumsum(shares, axis=1)).sum(axis=1).clip(max=shares.shape[1] - 1)

    def named(self):
        """Return what differs from the defaults, in words."""
        plain = Design()
        told = [f"{f}={getattr(self, f)}" for f in self.__dataclass_fields__ if getattr(self, f) != getattr(plain, f)]
        return ", ".join(told) or "defaults"

    def but(self, **changes):
        """Return the design with changes."""
        return replace(self, **changes)


def as_annotations(frame, k, *, several=False):
    """Return a long frame as annotations with classes 0..k-1."""
    columns = {"item": "item", "annotator": "annotator", "label": "label", **({"round": "round"} if several else {})}
    return Annotations.from_frame(frame, **columns, classes=list(range(k)))


def f1_scores(true, said, classes):
    """Return the F1 score of each of `classes`, (number of classes,)."""
    true, said = np.asarray(true), np.asarray(said)
    hits = np.array([((true == c) & (said == c)).sum() for c in classes])
    both = np.array([(true == c).sum() + (said == c).sum() for c in classes])
    return 2 * hits / np.maximum(both, 1)


def average_precision(wrong, score):
    """Return the average precision of a score; tied scores count as one step."""
    wrong, score = np.asarray(wrong, dtype=float), np.asarray(score, dtype=float)
    order = np.argsort(-score, kind="stable")
    hits = np.cumsum(wrong[order])
    last = np.flatnonzero(np.append(np.diff(score[order]) != 0, True))
    precision = hits[last] / (last + 1)
    return float((precision * np.diff(hits[last], prepend=0)).sum() / max(wrong.sum(), 1))
