"""What the numbers of tables mean, shown where the pointer rests on a heading."""

from __future__ import annotations

SPLIT = "Of all pairs of labels that two people gave to an item within these two classes: how many differ."
WORDS = {  # by column, or by table and column where a column means another thing there
    "share_of_disagreement": "Whenever two people chose different classes for an item, each of the two classes gets "
    "half of that disagreement. The shares of all classes add up to 100%.",
    "disagreement": SPLIT,
    "classes.disagreement": "When at least one of two people chose this class: how often the other did not.",
    "classes.estimate": "Agreement on the question 'this class, or any other?'. 1 is full agreement, 0 is what "
    "guessing would give.",
    "annotators.estimate": "Agreement with the mean of all others, beyond guessing. 1 is full agreement, 0 is "
    "guessing.",
    "annotator_pairs.estimate": "Agreement of the two beyond guessing. 1 is full agreement, 0 is guessing.",
    "estimate": "Agreement: 1 is full agreement, 0 is what guessing would give, below 0 is worse than guessing.",
    "observed": "How often two people gave the same label, luck included.",
    "expected": "How often they would by guessing, as this coefficient pictures it.",
    "n_items": "Items that the number rests on.",
    "n_annotations": "Labels that the number rests on.",
    "n": "Items that the number rests on.",
    "size": "Items of this kind.",
    "support": "Items of this kind, as a share of all.",
    "rate": "The rate among items of this kind.",
    "rest_rate": "The rate among all other items.",
    "difference": "Rate of this kind minus rate of all other items.",
    "shrunk": "The difference, made smaller because the worst of many was picked.",
    "lift": "How many times the rate of the others.",
    "p": "How often chance alone would give the worst of all kinds so large an excess: below 0.05 (5 of 100 times) is "
    "usually taken as more than chance.",
    "p_adjusted": "How often chance alone would give such a finding, allowing for how many were looked at: below 0.05 "
    "(5 of 100 times) is usually taken as more than chance.",
    "unclear": "A border is unclear where more label pairs split than is tolerated, or clearly more than chance gives.",
    "indistinguishability": "0: the two names are never confused. About 1: they are used as if they meant the same.",
    "excess": "How often the two meet, compared with what chance would give.",
    "direction_p": "How often chance would make people lean so differently if all read the border alike.",
    "merge_gain": "By how much alpha would rise if the two classes were one.",
    "information_lost": "Share of what the labels tell that would be lost by merging the two.",
    "quality": "How probably the label is right, by the models and the annotators.",
    "wrong": "How probably the label is wrong, by the models and the annotators.",
    "flagged": "Labels that are more probably wrong than right.",
    "expected_errors": "How many labels of this class are wrong, by the models alone.",
    "similarity": "1: the same words. 0: no word in common.",
    "split_rate": "Of the items with this cue: how many got both labels.",
    "probability": "How probable it is that the true value lies here.",
    "cumulative": "How probable it is that the true value lies here or higher.",
    "n_assigned": "Labels that were given, of those the round asked for; hidden repeats count.",
    "edit": "A version changes how to label, or only the wording; only the first kind needs a new round to prove it.",
    "effect": "What the last comparison of a round labeled by this version with an earlier round said.",
    "in_answer": "Whether these items are part of the answer above: only items that nobody saw while rules were "
    "written are.",
    "change": "Agreement after minus agreement before. The range holds the true change in about 95 of 100 such "
    "comparisons; one that holds 0 leaves open whether anything changed.",
    "moved": "Agreement in the earlier round and in the later one: 1 is full agreement, 0 is what guessing would give.",
    "classes.says": "Corrected for looking at all classes at once.",
    "touched": "Whether a rule of this class changed between the two rounds.",
    "cause": "Why people disagreed, as whoever decided saw it.",
    "interval": "How far the number could move with other items of the same kind: the range holds the true value in "
    "about 95 of 100 such measurements.",
}


def meaning(table: str, column: str) -> str | None:
    """Return what a column means, or None where its heading says it all.

    Examples
    --------
    >>> meaning("classes", "n_items")
    'Items that the number rests on.'
    >>> meaning("classes", "class") is None
    True
    """
    return WORDS.get(f"{table}.{column}", WORDS.get(column))
