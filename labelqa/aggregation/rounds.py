"""Labels of one round: what every consensus is made of."""

from __future__ import annotations

from labelqa.annotations.table import Annotations
from labelqa.errors import Problem, RoundsError


def check_single_round(annotations: Annotations) -> None:
    """Raise :class:`labelqa.RoundsError` if `annotations` hold more than one round."""
    if annotations.rounds is None or annotations.n_rounds < 2:
        return
    names = tuple(str(name) for name in annotations.rounds)
    raise RoundsError(
        Problem(
            what=f"the data holds {len(names)} rounds; labels are combined within one",
            parameter="round",
            value=names,
            allowed=names,
            next_step=f"Choose one: annotations.where(round={names[-1]!r}), or --only-round {names[-1]}.",
        )
    )
