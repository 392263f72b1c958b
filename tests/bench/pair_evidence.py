"""explain_confusion: planted words and rules found, false cues, and time.

Run: python -m tests.bench.pair_evidence [null planted speed medical] [--seeds 100] [--folder FOLDER]

Texts are drawn from class vocabularies of Zipfian words; disputed items are drawn at random ("null": with equal dispute
rates, and with one class three times as disputed), or by a planted word or a planted rule on the item's data. FOLDER
(for medical) holds labels.csv.gz of CrowdTruth's Medical-Relation-Extraction (several relations a label: the first is
taken).
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import numpy as np
import pandas as pd

from labelqa.ambiguity.evidence.explain import explain_confusion
from labelqa.annotations.table import Annotations

VOCABULARY = 400
WORDS = 12


def texts_of(truth: np.ndarray, rng: np.random.Generator) -> list[list[str]]:
    """Return words of each item: two thirds from a common vocabulary, the rest from that of its class."""
    ranks = 1 / np.arange(1, VOCABULARY + 1)
    common = rng.choice(VOCABULARY, (truth.size, WORDS), p=ranks / ranks.sum())
    own = rng.random((truth.size, WORDS)) < 1 / 3
    return [
        [f"c{t}w{w % 60}" if mine else f"w{w}" for w, mine in zip(row, flags, strict=True)]
        for t, row, flags in zip(truth, common, own, strict=True)
    ]


def drawn(seed: int, kind: str, n: int = 600, k: int = 4, m: int = 3) -> Annotations:
    """Return labels in k classes of which the first two are disputed in the way that `kind` says."""
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, k, n)
    words = texts_of(truth, rng)
    channel = rng.choice(["chat", "mail", "phone", "form"], n, p=[0.3, 0.3, 0.2, 0.2])
    region = rng.choice([f"r{i}" for i in range(8)], n)
    age = rng.integers(1, 90, n)
    concerned = truth < 2
    chance = np.where(truth == 0, 0.36, 0.12) if kind == "uneven" else np.full(n, 0.2)
    if kind == "word":
        has = rng.random(n) < 0.15
        words = [[*w, "tricky"] if h else w for w, h in zip(words, has, strict=True)]
        chance = np.where(has, 0.8, 0.08)
    if kind == "rule":
        chance = np.where((channel == "chat") & (age < 40), 0.8, 0.08)
    fuzzy = concerned & (rng.random(n) < chance)
    labels = np.where(rng.random((n, m)) < 0.03, rng.integers(0, k, (n, m)), truth[:, None])
    labels = np.where(fuzzy[:, None], rng.integers(0, 2, (n, m)), labels)
    frame = pd.DataFrame(
        {
            "item": np.repeat(np.arange(n), m),
            "annotator": np.tile([f"p{j}" for j in range(m)], n),
            "label": [f"k{c}" for c in labels.ravel()],
            "text": np.repeat([" ".join(w) for w in words], m),
            "channel": np.repeat(channel, m),
            "region": np.repeat(region, m),
            "age": np.repeat(age, m),
        }
    )
    return Annotations.from_frame(frame, item="item", annotator="annotator", label="label")


def null(seeds: int) -> None:
    for kind in ("even", "uneven"):
        shown = [explain_confusion(drawn(s, kind), ("k0", "k1")).cues for s in range(seeds)]
        kinds = pd.concat(shown)["kind"].value_counts().to_dict() if any(len(c) for c in shown) else {}
        share = np.mean([len(c) > 0 for c in shown])
        print(f"no cue planted, {kind} dispute rates, {seeds} seeds: any cue shown in {share:.1%} {kinds}")


def planted(seeds: int) -> None:
    for kind in ("word", "rule"):
        first = []
        for s in range(seeds):
            cues = explain_confusion(drawn(1000 + s, kind), ("k0", "k1")).cues
            top = str(cues["cue"].iloc[0]) if len(cues) else ""
            first.append("tricky" in top if kind == "word" else "channel = chat" in top and "age" in top)
        print(f"planted {kind}, {seeds} seeds: ranks first in {np.mean(first):.1%}")


def speed() -> None:
    data = drawn(0, "word", n=10_000, k=20)
    began = time.perf_counter()
    found = explain_confusion(data, ("k0", "k1"))
    print(f"10,000 texts, 20 classes, 3 annotators: {time.perf_counter() - began:.2f} s; {len(found.cues)} cues")


def medical(folder: Path) -> None:
    from labelqa.ambiguity.confusions import class_confusions

    said = pd.read_csv(folder / "labels.csv.gz").drop_duplicates(["sent_id", "worker"], keep="last")
    gold = pd.read_csv(folder / "gold.csv.gz")
    said["label"] = said["relations"].str.strip("[]").str.split(r"[\[\],\s]+", regex=True).str[0]
    texts = gold.drop_duplicates("SID").set_index("SID")["sentence"]
    said["text"] = said["sent_id"].astype(str).str.split("-").str[0].map(texts.rename(str))
    frame = said[["sent_id", "worker", "label", "text"]]
    data = Annotations.from_frame(frame, item="sent_id", annotator="worker", label="label")
    began = time.perf_counter()
    found = class_confusions(data)
    print(f"{len(data):,} labels: {time.perf_counter() - began:.1f} s")
    print(found.flagged.head(12)[["class_a", "class_b", "n_items", "disagreement", "reason", "advice"]].to_string())
    for row in found.flagged.head(2).to_dict("records"):
        began = time.perf_counter()
        evidence = explain_confusion(data, (row["class_a"], row["class_b"]))
        print(evidence, evidence.advice_reason, sep="\n")
        print(evidence.cues.head(5)[["kind", "cue", "n_items", "split_rate", "rest_rate"]].to_string())
        print(f"{time.perf_counter() - began:.1f} s")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", default=["null", "planted", "speed"])
    parser.add_argument("--seeds", type=int, default=100)
    parser.add_argument("--folder", type=Path)
    asked = parser.parse_args()
    for part in asked.parts:
        if part in ("null", "planted"):
            {"null": null, "planted": planted}[part](asked.seeds)
        if part == "speed":
            speed()
        if part == "medical" and asked.folder:
            medical(asked.folder)


if __name__ == "__main__":
    main()
