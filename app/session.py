"""Who is here, and in which project: kept in the address of the page, so that a reload comes back to it."""

from __future__ import annotations

import getpass
from dataclasses import replace
from pathlib import Path

import streamlit as st

import labelqa as lq
from labelqa import review
from labelqa_app.markup import markdown
from labelqa_app.options import Options, options

ACTOR = "as"  # names in the address
DATABASE = "db"
PROJECT = "project"
UNKNOWN = "_unknown_project"


def start() -> Options:
    """Return the options of this start, with the project that was chosen in the page where none was named."""
    chosen = options()
    if chosen.project is not None or chosen.shared:
        return chosen
    return replace(chosen, project=_remembered(DATABASE, _may_open))


def project_exists(chosen: Options | None = None) -> bool:
    """Tell whether the database of this start is there already."""
    url = (chosen or start()).project
    return url is not None and ("://" in url or Path(url).is_file())


def current_project() -> review.Project | None:
    """Return the open project, or None while there is none."""
    chosen = start()
    if not project_exists(chosen) or chosen.project is None:
        return None
    name = chosen.name or _remembered(PROJECT)
    try:
        return opened(chosen.project, name)
    except lq.LabelqaError as error:
        known = _known_projects(error, name)
        if known is None or chosen.name is not None:
            raise
        if not known:  # the database was made, and holds no project yet
            return None
        if name is None:
            raise
        st.session_state[UNKNOWN] = name
        _forget(PROJECT)
    return opened(chosen.project, None)


def _known_projects(error: lq.LabelqaError, name: str | None) -> tuple[str, ...] | None:
    """Return the projects of a database that has none of this name, or several if none was named; else None."""
    found = (p for p in error.problems if p.parameter == "name" or (name is not None and p.value == name))
    return next((tuple(map(str, p.allowed)) for p in found), None)


def told_unknown() -> None:
    """Draw that the project of a link does not exist, once."""
    name = st.session_state.pop(UNKNOWN, None)
    if name is not None:
        st.info(f"There is no project {markdown(name)} here.")


def use_project(project: review.Project) -> None:
    """Take a project that was just made into use."""
    place, name = project.store.place, project.name
    project.close()  # the shared one below is opened anew
    opened.clear()
    if options().project is None:
        use_database(place)
    if options().name is None:
        _remember(PROJECT, name)


def use_database(path: str) -> None:
    """Take a database into use that was chosen in the page."""
    found = Path(path).resolve()
    _approved().add(str(found))
    _remember(DATABASE, found.name if found.parent == Path.cwd() else str(found))


def leave() -> None:
    """Go back to the choice of a project."""
    for key in (DATABASE, PROJECT):
        _forget(key)


def _forget(key: str) -> None:
    st.session_state.pop(f"_{key}", None)
    st.query_params.pop(key, None)


@st.cache_resource(show_spinner=False)
def opened(url: str, name: str | None) -> review.Project:
    """Return the project, opened once for all who use it."""
    return review.open_project(url, name)


@st.cache_resource(show_spinner=False)
def _approved() -> set[str]:
    """Return the databases that were chosen since the server started."""
    return set()


def _may_open(path: str) -> bool:
    """Tell whether the address of a page may name this database: one of the current folder, or one chosen before.

    A link that somebody else made must not open other files.
    """
    try:
        found = Path(path).resolve()
        return str(found) in _approved() or (found.parent == Path.cwd() and review.is_database(found))
    except (OSError, ValueError):
        return False


def _remember(key: str, value: str) -> None:
    st.query_params[key] = value
    st.session_state[f"_{key}"] = value


def _remembered(key: str, fits=lambda _: True) -> str | None:  # noqa: ANN001  # a test of text
    """Return what the address says, or what it said before the menu dropped it; written back to the address."""
    value = st.query_params.get(key)
    if value is None:
        value = st.session_state.get(f"_{key}")
        if value is not None:
            st.query_params[key] = value
    if value is None or not fits(value):
        return None
    st.session_state[f"_{key}"] = value
    return value


def current_actor(project: review.Project | None) -> str:
    """Return who acts: as logged in, as the proxy says, or, on one's own computer, as chosen in the page."""
    chosen = options()
    if chosen.trust_header is not None:
        return str(st.context.headers.get(chosen.trust_header, ""))
    if chosen.login:  # never by a name that people choose for themselves
        proved = str(st.user.get("email_verified")).lower() == "true"
        return str((st.user.get("email") if proved else None) or st.user.get("sub") or "")
    wanted = _remembered(ACTOR)
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
    """Draw the login, or the choice of a project, where one must come first; tell whether that is so."""
    chosen = options()
    if chosen.login and not st.user.is_logged_in:
        st.title("labelqa")
        st.write("Log in to see the project.")
        st.button("Log in", type="primary", on_click=st.login)
        return True
    if chosen.trust_header is not None and not st.context.headers.get(chosen.trust_header):
        st.error(f"The proxy named nobody in the header {chosen.trust_header}. Come through the proxy.")
        return True
    return _must_choose()


def _must_choose() -> bool:
    """Draw the choice between several projects of one database, where none is named; tell whether that is so."""
    try:
        current_project()
        return False
    except lq.LabelqaError as error:
        names = _known_projects(error, None)
    except Exception:  # told in the page, which meets it again
        return False
    if not names:
        return False  # told in the page
    st.title("labelqa")
    told_unknown()
    own = _own_projects(names)
    if not own:
        st.info("You are in none of the projects of this server. Ask a lead to add you.")
        return True
    picked = st.selectbox("Which project?", own, key="_which")
    if st.button("Open", type="primary"):
        _remember(PROJECT, str(picked))
        st.rerun()
    return True


def _own_projects(names: tuple[str, ...]) -> list[str]:
    """Return the projects that the person is in; on one's own computer all, as everybody may choose who they are."""
    chosen = options()
    if not chosen.shared or chosen.project is None:
        return list(names)
    actor, url = current_actor(None), chosen.project
    return [name for name in names if review.role_of(opened(url, name), actor) is not None]
