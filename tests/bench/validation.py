"""Validation: levels of the tests against an earlier batch, power, recall of near repeats, and time.

Null levels are shares of 500 runs with p < .05 (standard error .01), of two batches from one source; those of whole
batches are shares of runs in which validate_annotations finds any difference. Power is the same share where a shift was
planted (numbers by half a standard deviation; shares of one class from 40 % to 60 %). Seed 0 for levels, 1 for power,
2 for near repeats, 3 for the time, which is that of 100,000 items x 3 labels with texts of 30 words out of 2,000, of
which 1,000 are repeats and 1,000 differ from another text in the last word.

Run: python -m tests.bench.validation [--runs 500]
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable

import numpy as np
import pandas as pd

from labelqa.annotations.table import Annotations
from labelqa.validation.near import near_pairs
from labelqa.validation.skew import Skew, number_skew, share_skew
from labelqa.validation.validate import validate_annotations

RUNS = 500
SIZES = ((50, 50), (50, 500), (100, 100), (500, 500), (50, 10_000))
SHARES = (0.4, 0.3, 0.2, 0.1)
Draw = Callable[[np.random.Generator, int, float], np.ndarray]


def _numbers(rng: np.random.Generator, n: int, shift: float) -> np.ndarray:
    return rng.normal(shift, 1, n)


def _lengths(rng: np.random.Generator, n: int, shift: float) -> np.ndarray:
    return np.round(rng.normal(40 + 10 * shift, 10, n))


def _whole(rng: np.random.Generator, n: int, shift: float) -> np.ndarray:
    rest = np.array(SHARES[1:]) * (1 - (SHARES[0] + 0.4 * shift)) / sum(SHARES[1:])
    return np.eye(4)[rng.choice(4, n, p=[1 - rest.sum(), *rest])]


def _of_three_labels(rng: np.random.Generator, n: int, shift: float) -> np.ndarray:
    """Return shares of three labels an item, of which each repeats the first with a chance of .7."""
    first = _whole(rng, n, shift)
    more = [np.where(rng.random((n, 1)) < 0.7, first, _whole(rng, n, shift)) for _ in range(2)]
    return (first + more[0] + more[1]) / 3


def _shares_test(old: np.ndarray, new: np.ndarray) -> Skew:
    return share_skew(old, new, list("abcd"))


TESTS: dict[str, tuple[Draw, Callable[[np.ndarray, np.ndarray], Skew]]] = {
    "numbers (Kolmogorov-Smirnov)": (_numbers, number_skew),
    "whole numbers with ties (Kolmogorov-Smirnov)": (_lengths, number_skew),
    "shares, one label an item (chi-square)": (_whole, _shares_test),
    "shares, three labels an item (Rao-Scott)": (_of_three_labels, _shares_test),
}


def rejected(name: str, n_reference: int, n: int, *, shift: float, seed: int, runs: int = RUNS) -> float:
    """Return the share of runs with p < .05."""
    draw, test = TESTS[name]
    rng = np.random.default_rng(seed)
    p_values = [test(draw(rng, n_reference, 0.0), draw(rng, n, shift)).p_value for _ in range(runs)]
    return float(np.mean(np.array(p_values) < 0.05))


def _batch(rng: np.random.Generator, n: int, start: int, *, shift: float, gaps: float) -> Annotations:
    """Return n items of three annotators, crossed but for `gaps`, with item columns as text files hold them."""
    first = _whole(rng, n, shift).argmax(axis=1)
    own = rng.choice(4, (n, 3), p=SHARES)
    label = np.where(rng.random((n, 3)) < 0.7, first[:, None], own).ravel()
    columns = {
        "text": [f"{'word ' * int(k)}{start + i:07}" for i, k in enumerate(rng.integers(4, 12, n))],
        "source": np.where(rng.random(n) < 0.2, None, np.array(["web", "app"])[rng.integers(0, 2, n)]),
        "score": rng.normal(shift, 1, n).round(4).astype(str),
        "key": [f"k{start + i}" for i in range(n)],
    }
    frame = pd.DataFrame({"item": np.arange(start, start + n), **columns})
    frame = frame.loc[frame.index.repeat(3)].reset_index(drop=True)
    frame = frame.assign(annotator=np.tile(["ann", "ben", "cat"], n), label=np.array(list("abcd"))[label])
    kept = frame[rng.random(3 * n) >= gaps]
    return Annotations.from_frame(kept, item="item", annotator="annotator", label="label")


def differs(n_reference: int, n: int, *, shift: float, gaps: float, runs: int) -> float:
    """Return the share of runs in which a batch differs in anything from the reference, by validate_annotations."""
    rng = np.random.default_rng(0 if shift == 0 else 1)
    found = []
    for _ in range(runs):
        reference = _batch(rng, n_reference, 1_000_000, shift=0.0, gaps=gaps)
        checked = validate_annotations(_batch(rng, n, 0, shift=shift, gaps=gaps), reference=reference)
        found.append(any(f.code.startswith("share_of_") for f in checked.findings))
    return float(np.mean(found))


def _vocabulary(rng: np.random.Generator) -> np.ndarray:
    return np.array(["".join(rng.choice(list("abcdefghijklmnop"), rng.integers(2, 10))) for _ in range(2000)])


def recall(n: int = 10_000) -> float:
    """Return the share of pairs with a Jaccard similarity of 25 / 31 that are found."""
    rng = np.random.default_rng(2)
    texts = _vocabulary(rng).astype(object)[rng.integers(0, 2000, (n, 30))]
    copies = texts.copy()
    copies[np.arange(n), rng.integers(2, 28, n)] = "changed"
    found = set(near_pairs([*texts.tolist(), *copies.tolist()]))
    return float(np.mean([(i, i + n) in found for i in range(n)]))


def big(n: int = 100_000) -> Annotations:
    rng = np.random.default_rng(3)
    words = _vocabulary(rng).astype(object)[rng.integers(0, 2000, (n, 30))]
    words[-1000:] = words[:1000]
    words[-2000:-1000] = words[1000:2000]
    words[-2000:-1000, 29] = "changed"
    frame = pd.DataFrame({
        "item": np.repeat(np.arange(n), 3),
        "annotator": np.tile(["ann", "ben", "cat"], n),
        "label": np.array(["no", "yes", "unsure"])[rng.integers(0, 3, 3 * n)],
        "text": np.repeat(np.array([" ".join(row) for row in words], dtype=object), 3),
    })  # fmt: skip
    return Annotations.from_frame(frame, item="item", annotator="annotator", label="label")


def main() -> None:
    parser = argparse.ArgumentParser(description="Levels and power of the tests against an earlier batch, and time.")
    parser.add_argument("--runs", type=int, default=RUNS, help="runs of each level and power (default: %(default)s)")
    runs = parser.parse_args().runs
    print(f"rejected at .05 in {runs} runs: null (seed 0), shifted (seed 1)")
    for name in TESTS:
        for sizes in SIZES:
            null = rejected(name, *sizes, shift=0.0, seed=0, runs=runs)
            power = rejected(name, *sizes, shift=0.5, seed=1, runs=runs)
            print(f"  {name:46} {sizes[0]:>4} against {sizes[1]:>6,}: null {null:.3f}, power {power:.3f}", flush=True)
    print("any difference between whole batches, all annotators on all items but for gaps")
    for gaps in (0.0, 0.02, 0.2):
        for sizes in ((50, 50), (50, 200), (200, 200)):
            null, power = (differs(*sizes, shift=shift, gaps=gaps, runs=runs) for shift in (0.0, 0.5))
            line = f"gaps {gaps:.0%}, {sizes[0]} against {sizes[1]}: null {null:.3f}, power {power:.3f}"
            print(f"  {line}", flush=True)
    print(f"near repeats with similarity .81 that are found: {recall():.3f} of 10,000 (seed 2)")
    annotations = big()
    start = time.perf_counter()
    found = validate_annotations(annotations)
    print(f"validate_annotations, 100,000 items x 3 labels: {time.perf_counter() - start:.1f} s (seed 3)")
    for finding in found.findings:
        print(f"  {finding.code}: {finding.count:,}")


if __name__ == "__main__":
    main()
