"""Start the server: ``python -m labelqa_app.serve run main.py [FLAGS] -- [FILE] [--project DATABASE]``.

What the pages need is loaded while the server starts and the browser fetches Streamlit's own part, so that the first
page does not have to wait for it.
"""

from __future__ import annotations

import sys
from contextlib import suppress
from importlib import import_module
from threading import Thread

from streamlit.web.cli import main as streamlit

HEAVY = ("pandas", "pyarrow", "sqlalchemy", "scipy.stats", "labelqa.review", "labelqa.report")


def main() -> None:
    """Hand the arguments on to Streamlit."""
    behind = sys.argv[sys.argv.index("--") + 1 :] if "--" in sys.argv else []
    Thread(target=load, args=(behind,), name="labelqa-load", daemon=True).start()
    streamlit(prog_name="streamlit")


def load(arguments: list[str]) -> None:
    """Load what the first page needs; what goes wrong is told by the page, which meets it again."""
    with suppress(Exception):
        for name in HEAVY:
            import_module(name)
        _measure(arguments)


def _measure(arguments: list[str]) -> None:
    from labelqa import review
    from labelqa_app.options import parsed
    from labelqa_app.session import opened, project_exists
    from labelqa_app.shell import PAGES

    for name in PAGES:
        import_module(f"labelqa_app.views.{name}")
    chosen = parsed(arguments)
    if chosen.project is None or not project_exists(chosen):
        return
    project = opened(chosen.project, chosen.name)
    leads = [name for name, role in review.people_of(project).items() if role == "lead"]
    review.progress(project, actor=leads[0])  # the header of every page: it measures the closed rounds


if __name__ == "__main__":
    main()
