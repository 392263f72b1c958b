"""Whether agreement under the new instruction is above a target, valid however often one looks."""

from __future__ import annotations

import numpy as np

from labelqa.reliability.sequential.input import COEFFICIENTS
from labelqa.reliability.sequential.state import SequentialState
from labelqa.reliability.sequential.target import SequentialTarget
from labelqa.review.proving.panel import Panel
from labelqa.review.proving.settings import Settings
from labelqa.review.proving.strata import Chosen
from labelqa.review.sampling import FRESH, HELD_OUT

NO_TEST = "there is no sequential test of this coefficient (there is one of Krippendorff's alpha and Fleiss' kappa)"
NO_ITEMS = "no held-out or fresh item has labels"


def target_state(
    panel: Panel, chosen: Chosen, target: float | None, settings: Settings, *, complete: bool
) -> tuple[SequentialState | None, str | None]:
    """Return where the study of `target` stands, or why there is none.

    Held-out and fresh items are taken in the order of `chosen`, fixed before any label was given. While a round runs
    (`complete` False) the stream ends at the first item that waits for its labels: else quickly labeled items, which
    may be the easy ones, would come first.
    """
    if target is None:
        return None, None
    if settings.coefficient not in COEFFICIENTS:
        return None, NO_TEST
    stop = SequentialTarget(target, settings.coefficient, alpha=settings.level)
    labels = _labels_of(panel)
    for item, (stratum, _) in chosen.items():
        if stratum not in (HELD_OUT, FRESH):
            continue
        found = labels.get(item, [])
        if len(found) < 2 and not complete:
            break
        if found:
            stop.update(found)
    return (stop.state(), None) if stop.n_items else (None, NO_ITEMS)


def _labels_of(panel: Panel) -> dict[str, list[object]]:
    after = panel.rounds[1]
    order = np.argsort(after.item, kind="stable")
    ends = np.cumsum(np.bincount(after.item, minlength=after.n_items))
    parts = np.split(after.label[order], ends[:-1]) if ends.size else []
    classes = after.schema.names
    return {str(name): [classes[c] for c in codes] for name, codes in zip(after.items, parts, strict=True)}
