"""The `labelqa` command and its exit codes.

0: done. 1: a gate was not met. 2: wrong usage, unreadable input or a missing extra. Heavy imports happen inside the
commands, so that ``labelqa --help`` answers at once.
"""

from __future__ import annotations

import os
import sys

import click

from labelqa._version import __version__
from labelqa.cli import (
    agreement,
    classes,
    compare,
    consensus,
    convert,
    demo,
    guidelines,
    issues,
    plan,
    project,
    report,
    review,
    slices,
)
from labelqa.cli import round as rounds
from labelqa.errors import LabelqaError
from labelqa.text import harmless

DONE, GATE_NOT_MET, WRONG = 0, 1, 2
INTERRUPTED = {"InterruptException", "Query interrupted"}  # type or message of what DuckDB raises on Ctrl-C
DEBUG_HINT = "Run it again with --debug (before the command) to see where."


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="labelqa")
@click.option("--debug", is_flag=True, help="Show the traceback of an error.")
def main(debug: bool) -> None:  # exit_code() reads `debug`: errors are caught outside the commands
    """Are your labels consistent? Measure it, see where not, and how sure that is.

    \b
    Try first:   labelqa demo
    Your file:   labelqa report labels.csv -o report.html
    """  # noqa: D301  # the backspace character tells click to keep these lines apart


COMMANDS = (
    demo.demo,
    report.report,
    agreement.agreement,
    classes.classes,
    consensus.consensus,
    issues.issues,
    slices.slices,
    compare.compare,
    plan.plan,
    convert.convert,
    project.project,
    guidelines.guidelines,
    rounds.round_,
    review.review,
)
for command in COMMANDS:
    main.add_command(command)


def run(arguments: list[str] | None = None) -> None:
    """Run the command line and exit with its code."""
    sys.exit(exit_code(sys.argv[1:] if arguments is None else arguments))


def exit_code(arguments: list[str]) -> int:
    """Run the command line and return its code; errors become one message on stderr."""
    try:
        result = main.main(arguments, prog_name="labelqa", standalone_mode=False)
    except BrokenPipeError:  # the reader of our output, such as `head`, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE
    except (Exception, KeyboardInterrupt) as error:
        if "--debug" in arguments and not isinstance(error, click.ClickException):
            raise
        click.echo(harmless(_message(error)), err=True)
        return WRONG
    return result if isinstance(result, int) else DONE


def _message(error: BaseException) -> str:
    if isinstance(error, click.ClickException):
        context = getattr(error, "ctx", None)
        usage = f"{context.get_usage()}\n" if context is not None else ""
        return f"{usage}Error: {error.format_message()}"
    if _is_stop(error):
        return "labelqa: stopped"
    if isinstance(error, LabelqaError):
        return f"labelqa: {error}"
    if isinstance(error, OSError):
        return f"labelqa: cannot read or write {error.filename or 'the output'}: {error.strerror}"
    return f"labelqa: unexpected {type(error).__name__}: {error}. {DEBUG_HINT}"  # instead of a traceback


def _is_stop(error: BaseException) -> bool:
    """Whether someone pressed Ctrl-C, also while an engine was at work (which then says so in its own way)."""
    found: BaseException | None = error
    while found is not None:
        if isinstance(found, click.Abort | KeyboardInterrupt) or {type(found).__name__, str(found)} & INTERRUPTED:
            return True
        found = found.__cause__ or found.__context__
    return False


if __name__ == "__main__":
    run()
