"""The one way in which templates become pages: everything is escaped, nothing may be left undefined."""

from __future__ import annotations

from collections.abc import Callable

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape


def html_environment(show: Callable[[str], str]) -> Environment:
    """Return an environment for the templates of this package.

    Parameters
    ----------
    show : callable
        The filter ``show``: text of users with its control characters made visible.
    """
    environment = Environment(
        loader=PackageLoader("labelqa.report"),
        autoescape=select_autoescape(default=True, default_for_string=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["show"] = show
    return environment
