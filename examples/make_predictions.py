"""Write predictions.csv: synthetic predictions of a ticket classifier that is worse on some kinds of tickets.

Made by arithmetic on a fixed seed of Python's own generator: the same bytes on every machine. Nothing in it comes from
a real person or system.

Run: python examples/make_predictions.py [FILE]
"""

import csv
import random
import sys
from pathlib import Path

N = 900
CLASSES = ("billing", "refund", "technical", "account")
CHANNELS = ("mail", "chat", "phone")
LANGUAGES = ("en", "en", "de", "es")
PLANS = ("free", "team", "business")


def wrong_rate(channel: str, language: str, length: int) -> float:
    """Return how often the classifier errs on such a ticket: short chats and German phone calls are hard."""
    if channel == "chat" and length < 40:
        return 0.45
    if channel == "phone" and language == "de":
        return 0.40
    return 0.10


def rows() -> list[list[object]]:
    """Return the tickets with label and prediction."""
    draw = random.Random(7)
    made: list[list[object]] = []
    for i in range(1, N + 1):
        channel, language, plan = (CHOICE[int(draw.random() * len(CHOICE))] for CHOICE in (CHANNELS, LANGUAGES, PLANS))
        length = 10 + int(draw.random() * 190)
        label = CLASSES[int(draw.random() * 4)]
        wrong = draw.random() < wrong_rate(channel, language, length)
        other = CLASSES[(CLASSES.index(label) + 1 + int(draw.random() * 3)) % 4]
        made.append([f"P-{i:04d}", channel, language, plan, length, label, other if wrong else label])
    return made


def main() -> None:
    """Write the file."""
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent / "predictions.csv"
    with target.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(["item", "channel", "language", "plan", "length", "label", "predicted"])
        table.writerows(rows())


if __name__ == "__main__":
    main()
