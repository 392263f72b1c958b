"""Which weights fit a level of measurement."""

from __future__ import annotations

from labelqa.reliability.names import COEFFICIENTS, KRIPPENDORFF

BY_LEVEL = {"nominal": "identity", "ordinal": "ordinal", "interval": "interval", "ratio": "ratio"}


def weights_of_level(level: str, weights: str | None = None) -> dict[str, str]:
    """Return the weights of every coefficient: `weights` where given, else those that fit `level`.

    Ordinal labels take Krippendorff's ``rank`` for alpha and Gwet's ``ordinal`` for the others.

    Examples
    --------
    >>> weights_of_level("ordinal")["krippendorff_alpha"]
    'rank'
    """
    chosen = dict.fromkeys(COEFFICIENTS, weights or BY_LEVEL[level])
    return chosen | {KRIPPENDORFF: "rank"} if weights is None and level == "ordinal" else chosen
