"""Names and plain words of coefficients and weights.

Imports nothing, so that the command line can offer these names without loading the library.
"""

from __future__ import annotations

KRIPPENDORFF = "krippendorff_alpha"
PATTERN_COEFFICIENTS = (
    "percent_agreement",
    "brennan_prediger",
    "scott_pi",
    "fleiss_kappa",
    "gwet_ac",
    KRIPPENDORFF,
)
# Coefficients in which chance is that of the class shares under the same weights: the scale of weights does not matter
# to them, and frequent classes do.
SCALE_FREE = ("scott_pi", "cohen_kappa", "conger_kappa", "fleiss_kappa", KRIPPENDORFF)
WHO_COEFFICIENTS = ("cohen_kappa", "conger_kappa")
# Coefficients in which not even the number of annotators matters.
IGNORE_ANNOTATORS = tuple(c for c in PATTERN_COEFFICIENTS if c != "scott_pi")
COEFFICIENTS = (
    "percent_agreement",
    "brennan_prediger",
    "scott_pi",
    "cohen_kappa",
    "conger_kappa",
    "fleiss_kappa",
    KRIPPENDORFF,
    "gwet_ac",
)
WEIGHTS = (
    "identity",
    "ordinal",
    "linear",
    "quadratic",
    "radical",
    "ratio",
    "circular",
    "bipolar",
    "rank",
    "interval",
)
METHODS = ("analytic", "jackknife", "bootstrap")  # kinds of intervals
METHODS_OF_ANY_FIGURE = ("jackknife", "bootstrap")  # those that need no formula for the standard error
TITLES = {
    "percent_agreement": "Percent agreement",
    "brennan_prediger": "Brennan-Prediger",
    "scott_pi": "Scott's pi",
    "cohen_kappa": "Cohen's kappa",
    "conger_kappa": "Conger's kappa",
    "fleiss_kappa": "Fleiss' kappa",
    KRIPPENDORFF: "Krippendorff's alpha",
    "gwet_ac": "Gwet's AC",
}

# Why a value is undefined: one wording each, used by every coefficient and by the tests.
NO_LABELS = "there are no labels"
NO_OVERLAP = "no item has labels by two annotators"
ONE_ANNOTATOR = "only one annotator gave labels"
ONE_CLASS = "only one class was used"
CHANCE_IS_ONE = "agreement by chance alone is already complete with these weights"
ONE_ITEM = "only one item has labels by two annotators"
UNKNOWN_ITEMS = "the items behind this estimate are not known"
LEAVE_ONE_OUT_UNDEFINED = "leaving out one item makes the estimate undefined"
TOO_MANY_CLASSES = "more than 5,000 classes: resampling rank weights would need a table of all pairs of classes"
TWO_ANNOTATORS_ONLY = "Scott's pi compares exactly two annotators; Fleiss' kappa is its form for more"
TOO_MANY_PAIRS = "more than 50 million pairs of labels: choose some annotators, or use conger_kappa"
PAIR_UNDEFINED = "kappa is undefined for a pair of annotators (annotator_agreement shows which)"
