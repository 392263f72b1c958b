"""The `labelqa` command and its exit codes.

0: done. 1: a gate was not met. 2: wrong usage, unreadable input or a missing extra. Heavy imports happen inside the
commands, so that ``labelqa --help`` answers at once.
"""

from __future__ import annotations

import os
import sys

import click

from labelqa._version import __version__
from labelqa.cli import agreement, demo, report, review
from labelqa.errors import LabelqaError

DONE, GATE_NOT_MET, WRONG = 0, 1, 2
DEBUG_HINT = "Run it again with --debug (before the command) to see where."


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="labelqa")
@click.option("--debug", is_flag=True, help="Show the traceback of an error.")
@click.pass_context
def main(context: click.Context, debug: bool) -> None:
    r"""Are your labels consistent? Measure it, see where not, and how sure that is.

    \b
    Try first:   labelqa demo
    Your file:   labelqa report labels.csv -o report.html
    """
    context.obj = debug


for command in (demo.demo, report.report, agreement.agreement, review.review):
    main.add_command(command)


def run(arguments: list[str] | None = None) -> None:
    """Run the command line and exit with its code."""
    sys.exit(exit_code(sys.argv[1:] if arguments is None else arguments))


def exit_code(arguments: list[str]) -> int:
    """Run the command line and return its code; errors become one message on stderr."""
    debug = "--debug" in arguments
    try:
        result = main.main(arguments, prog_name="labelqa", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        return WRONG
    except (click.Abort, KeyboardInterrupt):
        return _say("stopped")
    except BrokenPipeError:  # the reader of our output, such as `head`, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE
    except LabelqaError as error:
        if debug:
            raise
        return _say(str(error))
    except Exception as error:  # the last line of defence: a message instead of a traceback
        if debug:
            raise
        return _say(f"unexpected {type(error).__name__}: {error}. {DEBUG_HINT}")
    return result if isinstance(result, int) else DONE


def _say(message: str) -> int:
    click.echo(f"labelqa: {message}", err=True)
    return WRONG


if __name__ == "__main__":
    run()
