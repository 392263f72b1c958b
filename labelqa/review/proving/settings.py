"""What every part of a proof shares."""

from __future__ import annotations

from dataclasses import dataclass

from labelqa.reliability import names

N_PERMUTATIONS = 2000
SHORT_NAMES = {
    names.KRIPPENDORFF: "alpha",
    "fleiss_kappa": "kappa",
    "cohen_kappa": "kappa",
    "conger_kappa": "kappa",
    "scott_pi": "pi",
    "gwet_ac": "AC1",
    "percent_agreement": "agreement",
    "brennan_prediger": "Brennan-Prediger",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The coefficient, the level of intervals, and the arrangements of permutation tests."""

    coefficient: str = names.KRIPPENDORFF
    confidence: float = 0.95
    n_permutations: int = N_PERMUTATIONS

    @property
    def level(self) -> float:
        """Chance of a false claim."""
        return 1 - self.confidence

    @property
    def short_name(self) -> str:
        """The coefficient in one word."""
        return SHORT_NAMES[self.coefficient]
