"""labelqa review: start the app in the browser."""

from __future__ import annotations

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import click

from labelqa.errors import MissingExtraError, Problem

INSTALL = "pip install 'labelqa[app]'"


@click.command(short_help="Open the review app in the browser (needs the extra app).")
@click.argument("file", required=False, metavar="[FILE]")
@click.option("--port", type=click.IntRange(1, 65535), help="Port of the local server.  [default: 8501]")
@click.option("--no-browser", is_flag=True, help="Do not open a browser window.")
def review(file: str | None, port: int | None, no_browser: bool) -> int:
    """Open the review app on FILE in the browser (needs the extra "app")."""
    folder = app_folder()
    if file is not None and not Path(file).exists():
        raise click.BadParameter(f"there is no file {file!r}", param_hint="FILE")
    command = [sys.executable, "-m", "streamlit", "run", str(folder / "main.py")]
    command += [f"--server.port={port}"] if port else []
    command += ["--server.headless=true"] if no_browser else []
    command += ["--", str(Path(file).resolve())] if file is not None else []
    try:
        return subprocess.run(command, check=False).returncode
    except KeyboardInterrupt:  # how one leaves a server
        return 0


def app_folder() -> Path:
    """Return the folder of the installed app.

    Raises
    ------
    MissingExtraError
        If the app or streamlit is not installed.
    """
    app = find_spec("labelqa_app")
    if app is None or app.origin is None or find_spec("streamlit") is None:
        raise MissingExtraError(
            Problem(
                what="the review app needs streamlit, which is not installed",
                parameter="review",
                value="streamlit",
                next_step=f"Install it with: {INSTALL}",
            )
        )
    return Path(app.origin).parent
