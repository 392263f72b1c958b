"""Who is here, and in which project: kept in the address of the page, so that a reload comes back to it."""

from __future__ import annotations

import getpass
from pathlib import Path

import streamlit as st

from labelqa import review
from labelqa_app.options import Options, options

ACTOR = "as"  # name in the address


def project_exists(chosen: Options | None = None) -> bool:
    """Tell whether the database of this start is there already."""
    url = (chosen or options()).project
    return url is not None and ("://" in url or Path(url).is_file())


def current_project() -> review.Project | None:
    """Return the open project, or None while there is none."""
    chosen = options()
    if not project_exists(chosen) or chosen.project is None:
        return None
    name = chosen.name or st.query_params.get("project")
    return _opened(chosen.project, name)


def use_project(project: review.Project) -> None:
    """Take a project that was just made into use."""
    project.close()  # the shared one below is opened anew
    _opened.clear()


@st.cache_resource(show_spinner=False)
def _opened(url: str, name: str | None) -> review.Project:
    return review.open_project(url, name)


def current_actor(project: review.Project | None) -> str:
    """Return who acts: as logged in, as the proxy says, or, on one's own computer, as chosen in the page."""
    chosen = options()
    if chosen.trust_header is not None:
        return str(st.context.headers.get(chosen.trust_header, ""))
    if chosen.login:
        return str(st.user.get("email") or st.user.get("name") or "")
    wanted = st.query_params.get(ACTOR)
    if wanted:
        return wanted
    own = own_name()
    if project is None:
        return own
    people = review.people_of(project)
    return own if own in people else next((n for n, role in people.items() if role == "lead"), own)


def own_name() -> str:
    """Return the login name on this computer."""
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return "me"


def must_log_in() -> bool:
    """Draw the login where people must prove who they are and have not; tell whether that is so."""
    chosen = options()
    if chosen.login and not st.user.is_logged_in:
        st.title("labelqa")
        st.write("Log in to see the project.")
        st.button("Log in", type="primary", on_click=st.login)
        return True
    if chosen.trust_header is not None and not st.context.headers.get(chosen.trust_header):
        st.error(f"The proxy named nobody in the header {chosen.trust_header}. Come through the proxy.")
        return True
    return False
