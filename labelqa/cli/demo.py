"""labelqa demo: a report on the bundled example, from nothing."""

from __future__ import annotations

from importlib.resources import as_file, files
from pathlib import Path

import click

DEFAULT = "labelqa-report.html"


@click.command(short_help="Write a report on a bundled example, and what to try next.")
@click.option("-o", "--output", "path", metavar="FILE", default=DEFAULT, show_default=True, help="Where to write it.")
def demo(path: str) -> None:
    """Write a report on the bundled example and say what to try next.

    The example is synthetic: about 600 support tickets, labeled in two rounds by four people.
    """
    from labelqa.io.read import read_annotations
    from labelqa.report.build import build_report

    with as_file(files("labelqa._demo") / "support_tickets.csv") as source:
        annotations = read_annotations(source)
    built = build_report(annotations, arguments={"command": "demo"})
    written = built.save(Path(path))
    click.echo(
        "\n".join(
            [
                f"{len(annotations):,} labels on {annotations.n_items:,} synthetic support tickets by "
                f"{annotations.n_annotators:,} people in {annotations.n_rounds} rounds.",
                str(built.headline),
                built.headline.verdict,
                "",
                f"Report: {written}  (open it in a browser)",
                "",
                "Try next:",
                "  labelqa report your-labels.csv               the same for your own file, in the terminal",
                "  labelqa report your-labels.csv -o report.html",
                "  labelqa agreement your-labels.csv --fail-under 0.67   a gate for a pipeline",
                "  labelqa review your-labels.csv               the same in the browser",
                "  labelqa review --demo                        this example in the browser, to try the whole loop",
            ]
        )
    )
