"""labelqa plan: how many items a study needs."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

import click

from labelqa.cli.emit import emit
from labelqa.cli.options import (
    Reading,
    coefficient_option,
    confidence_option,
    output_options,
    reading_options,
    weights_option,
)
from labelqa.cli.output import Output

if TYPE_CHECKING:
    from labelqa.annotations.table import Annotations
    from labelqa.reliability.planning.rates import AssumedRates
    from labelqa.reliability.planning.result import AgreementStudyPlan
    from labelqa.report.single import Shown

GOALS = ("width", "threshold", "change")


@click.group(short_help="How many items a study needs, before labeling starts.")
def plan() -> None:
    """Plan a study before labeling starts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Assumed:
    """What is assumed where there is no pilot."""

    agreement: float | None
    shares: str | None
    annotators: int | None

    def rates(self) -> AssumedRates:
        """Return the assumptions, or a usage error where they are incomplete."""
        from labelqa.reliability.planning.rates import AssumedRates

        if self.agreement is None or self.shares is None:
            raise click.UsageError(
                "name a pilot file, or assume: --assume-agreement 0.7 --assume-shares 0.5,0.3,0.2 [--annotators 2]"
            )
        try:
            shares = tuple(float(part) for part in self.shares.split(","))
        except ValueError:
            raise click.BadParameter(
                f"{self.shares!r} is not a list of numbers (allowed: for example 0.5,0.3,0.2)",
                param_hint="--assume-shares",
            ) from None
        return AssumedRates(agreement=self.agreement, class_shares=shares, n_annotators=self.annotators or 2)

    def given(self) -> dict[str, object]:
        """Return what the user set."""
        values = {f"assume_{field.name}": getattr(self, field.name) for field in fields(self)}
        return {name: value for name, value in values.items() if value is not None}


@plan.command()
@reading_options
@click.option("--assume-agreement", type=float, metavar="X", help="Without a pilot: the agreement you expect.")
@click.option("--assume-shares", metavar="A,B,...", help="Without a pilot: how often each class is used.")
@click.option("--annotators", type=click.IntRange(min=2), metavar="N", help="Without a pilot: labels an item. [2]")
@click.option("--width", type=float, metavar="W", help="Full width that the interval shall have.")
@click.option("--threshold", type=float, metavar="X", help="Value that agreement shall be shown to exceed.")
@click.option("--change", type=float, metavar="D", help="Smallest change between two rounds to detect.")
@coefficient_option
@weights_option
@confidence_option
@click.option("--power", type=float, default=0.8, show_default=True, help="Probability that the test succeeds.")
@output_options
def agreement(  # noqa: PLR0913  # one parameter an option
    reading: Reading,
    assume_agreement: float | None,
    assume_shares: str | None,
    annotators: int | None,
    width: float | None,
    threshold: float | None,
    change: float | None,
    coefficient: str,
    weights: str | None,
    confidence: float,
    power: float,
    output: Output,
) -> int:
    """How many items an agreement study needs.

    FILE is a pilot whose items stand for those to come; or assume rates. Give exactly one of --width, --threshold,
    --change.
    """
    from labelqa.reliability.levels import weights_of_level
    from labelqa.reliability.planning.plan import plan_agreement_study

    assumed = Assumed(agreement=assume_agreement, shares=assume_shares, annotators=annotators)
    goal, asked = _one_goal(width=width, threshold=threshold, change=change)
    output.refuse_inputs(reading.paths)
    pilot = _pilot(reading, assumed)
    result = plan_agreement_study(
        assumed.rates() if pilot is None else pilot,
        width=width,
        threshold=threshold,
        change=change,
        coefficient=coefficient,
        weights=weights_of_level(reading.level if pilot is None else pilot.schema.level, weights)[coefficient],
        confidence=confidence,
        power=power,
    )
    given: dict[str, object] = {goal: asked, "coefficient": coefficient, "confidence": confidence, "power": power}
    arguments = reading.given() | assumed.given() | given | ({} if weights is None else {"weights": weights})
    logs = [] if pilot is None else [pilot.read_log]
    emit(result, output, lambda: _shown(result), logs=logs, arguments=arguments)
    return 0


for _parameter in agreement.params:
    if _parameter.name == "paths":
        _parameter.callback = None  # here a file is a choice: assumptions do instead
        _parameter.metavar = "[FILE]..."


def _one_goal(**goals: float | None) -> tuple[str, float]:
    given = {name: value for name, value in goals.items() if value is not None}
    if len(given) != 1:
        options = " or ".join(f"--{name}" for name in GOALS)
        found = " and ".join(f"--{name}" for name in given) or "none of them"
        raise click.UsageError(f"give exactly one of {options}; given: {found}")
    return next(iter(given.items()))


def _pilot(reading: Reading, assumed: Assumed) -> Annotations | None:
    if not reading.paths:
        return None
    if assumed.given():
        raise click.UsageError("a pilot file and assumptions contradict each other: use one of them")
    return reading.read()


def _shown(result: AgreementStudyPlan) -> Shown:
    from labelqa.report.answers.plan import plan_shown  # not needed for JSON

    return plan_shown(result)
