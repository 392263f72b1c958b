"""Start the server: ``python -m labelqa_app.serve run main.py [FLAGS] -- [FILE] [--project DATABASE]``.

What the pages need is loaded while the browser fetches Streamlit's own part, so that the first page does not have to
wait for it. Not sooner: that would hold up the start of the server.
"""

from __future__ import annotations

import sys
import time
from contextlib import suppress
from threading import Thread

from streamlit import runtime
from streamlit.web.cli import main as streamlit

POLL = 0.02  # seconds between two looks whether the server is there
TURN = 0.0005  # seconds that loading goes on while the server wants to send a file


def main() -> None:
    """Hand the arguments on to Streamlit."""
    behind = sys.argv[sys.argv.index("--") + 1 :] if "--" in sys.argv else []
    Thread(target=load, args=(behind,), name="labelqa-load", daemon=True).start()
    streamlit(prog_name="streamlit")


def load(arguments: list[str]) -> None:
    """Load what the first page needs; what goes wrong is told by the page, which meets it again."""
    while not runtime.exists():
        time.sleep(POLL)
    sys.setswitchinterval(TURN)
    with suppress(Exception):
        from labelqa_app import shell  # noqa: F401  # imports take a second
        from labelqa_app.options import parsed
        from labelqa_app.session import opened, project_exists

        chosen = parsed(arguments)
        if chosen.project is not None and project_exists(chosen):
            opened(chosen.project, chosen.name)


if __name__ == "__main__":
    main()
