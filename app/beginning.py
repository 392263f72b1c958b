"""How a project begins: what is fixed at its start, and making it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import streamlit as st

import labelqa as lq
from labelqa import review
from labelqa_app import parts, session
from labelqa_app.files import Source, dropped_file
from labelqa_app.intake import IN_ITEMS, told_error
from labelqa_app.markup import markdown
from labelqa_app.options import options

ENDING = ".labelqa.db"
LISTED = 50  # projects of the current folder
HELD_OUT = (
    "A share of the items is put aside by chance. Nobody who writes rules sees them, so they can prove later that a "
    "new rule helps on items it was not written for. They come back when you release them (page Export)."
)
TARGET = (
    "The agreement that you want to reach, from 0 (as by chance) to 1 (always the same). 0.8 is customary; 0.67 is the "
    "least for tentative conclusions. The app says when it is reached with certainty, not just by luck."
)
SHOWN = (
    "What people see of an item while they label. Leave out what gives the answer away, such as what a model said. "
    "Columns that mostly repeat the labels are hidden in any case."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Beginning:
    """What a project begins with.

    Attributes
    ----------
    source : Source
        The file.
    annotations : Annotations or None
        Its labels.
    items : DataFrame or None
        Items without labels, where the file holds nothing else.
    classes : tuple of str or None
        The classes, where there are no labels that tell.
    """

    source: Source
    annotations: lq.Annotations | None = None
    items: pd.DataFrame | None = None
    classes: tuple[str, ...] | None = None

    @property
    def columns(self) -> list[str]:
        """Columns that are known of the items."""
        frame = self.items if self.annotations is None else self.annotations.item_data
        return [] if frame is None else [str(c) for c in frame.columns if c != "item"]

    @property
    def n_items(self) -> int:
        """How many items there are."""
        if self.annotations is not None:
            return len(self.annotations.items)
        return 0 if self.items is None else len(self.items)


def choose_start(begun: Beginning) -> None:
    """Draw what is fixed at the start of a project, and the button that makes it."""
    st.header("Start the project")
    more = _more_items()
    left, right = st.columns(2)
    with left:
        name = st.text_input("Name of the project", _stem(begun.source.path), key="name")
        actor = _actor()
        place = _place(begun.source)
    with right:
        held_out = st.slider("Held out", 0, 50, 20, 5, format="%d%%", help=HELD_OUT, key="held_out")
        n = begun.n_items + (0 if more is None else len(more))
        st.caption(
            f"About {round(n * held_out / 100):,} of {n:,} items are put aside by chance: nobody who writes rules sees "
            "them, so they can prove later that a rule helps."
        )
        target = _target()
    shown = _shown(begun.columns, [] if more is None else [str(c) for c in more.columns if c != "item"])
    if st.button("Start the project", type="primary", icon=":material/flag:", key="start", disabled=place is None):
        settings = {"held_out": held_out / 100, "shown": shown, "target": target}
        _start(begun, more, str(place), name=name, actor=actor, settings=settings)


def _start(
    begun: Beginning, more: pd.DataFrame | None, place: str, *, name: str, actor: str, settings: dict[str, object]
) -> None:
    from labelqa_app.shell import guarded  # the shell draws this page

    def make() -> None:
        if options().project is None:
            check_new(place)
        items = begun.items if more is None else more if begun.items is None else pd.concat([begun.items, more])
        made = review.create_project(
            place, name, actor=actor, annotations=begun.annotations, items=items, classes=begun.classes,
            settings=review.ProjectSettings(**settings),
        )  # fmt: skip
        session.use_project(made)
        if not options().shared:
            st.query_params[session.ACTOR] = actor
        parts.saved(f"Project {name} is stored in {Path(place).name if '://' not in place else 'the database'}.")

    if guarded(make):
        st.rerun()


def check_new(place: str) -> None:
    """Refuse a file that is there already; nothing is overwritten."""
    if Path(place).exists():
        raise FileThereError(place)


class FileThereError(lq.LabelqaError):
    """A file of that name is there already."""

    def __init__(self, place: str) -> None:
        self.problems = ()
        Exception.__init__(self, f"There is a file {Path(place).name!r} already: choose another name.")


def _more_items() -> pd.DataFrame | None:
    with st.expander("More items without labels (a second file)"):
        st.caption("Later rounds can ask for them: items that nobody has seen yet are the best proof.")
        source = dropped_file("File of items, one a row", "more")
        if source is None:
            return None
        try:
            found = source.items()
        except lq.LabelqaError as error:
            told_error(error, source.name, steps=IN_ITEMS)
            return None
        st.caption(f"{len(found):,} items more.")
        return found


def _actor() -> str:
    own = session.current_actor(None)
    if options().shared:
        st.text_input("You, the lead", own, disabled=True, key="actor")
        return own
    return st.text_input(
        "Your name", own, key="actor", help="You become the lead: who publishes rules and adds people."
    )


def _place(source: Source) -> str | None:
    """Draw where the project will be stored, and return that; None where it cannot be."""
    named = options().project
    if named is not None:
        shown = "the database that was named at the start" if "://" in named else Path(named).name
        st.caption(f":material/database: Stored in {markdown(shown)}")
        return named
    typed = st.text_input(
        "File of the project", f"{_stem(source.path)}{ENDING}", key="file",
        help=f"In the folder {markdown(str(Path.cwd()))}, where the app was started. No file is overwritten.",
    )  # fmt: skip
    place = place_in_folder(typed)
    if place is None:
        st.error("Type the name of a file without a folder, for example tickets.labelqa.db.")
    elif Path(place).exists():
        st.error(f"There is a file {markdown(Path(place).name)} already: choose another name.")
        return None
    return place


def place_in_folder(typed: str) -> str | None:
    """Return the path of a file of the current folder, or None where the name leads elsewhere."""
    name = typed.strip()
    unfit = any(c in name for c in ("\0", "\\", "/", ":"))
    if not name or name.startswith(".") or len(name.encode()) > 200 or unfit:
        return None
    if not name.endswith(".db"):
        name += ENDING
    return str(Path.cwd() / name)


def _stem(path: Path) -> str:
    return path.name.split(".")[0] or "labels"


def _target() -> float | None:
    wanted = st.number_input("Target: agreement to reach", 0.05, 0.99, 0.8, 0.05, help=TARGET, key="target")
    st.caption("0 is what chance gives, 1 is always the same; 0.8 is customary.")
    return None if st.checkbox("No target", key="no_target") else float(wanted)


def _shown(columns: Sequence[str], more: Sequence[str]) -> tuple[str, ...] | None:
    known = list(dict.fromkeys([*columns, *more]))
    if not known:
        st.caption("Nothing but their ids is known of the items: annotators will see the ids only.")
        return None
    chosen = st.multiselect("Annotators see", known, default=known, help=SHOWN, key="shown")
    return None if len(chosen) == len(known) else tuple(chosen)


def open_existing() -> None:
    """Draw the choice of a project that is there already."""
    here = projects_here()
    with st.container(border=True):
        st.markdown("**Open an existing project**")
        if here:
            st.selectbox("In this folder", here, key="existing")
        typed = st.text_input(
            "Or type a path" if here else "Path of the project", key="existing_path", placeholder="tickets.labelqa.db"
        )
        st.button("Open", key="open", on_click=_open, disabled=not (here or typed.strip()))
        if problem := st.session_state.pop("_not_opened", None):
            st.error(problem)


def _open() -> None:
    path = str(st.session_state.get("existing_path") or "").strip() or str(st.session_state.get("existing") or "")
    found = _file_at(path)
    if found is None:
        st.session_state["_not_opened"] = f"There is no file {markdown(path)}."
        return
    if not review.is_database(found):
        st.session_state["_not_opened"] = f"{markdown(path)} is not a project of labelqa. A labels file goes above."
        return
    session.use_database(str(found))


def _file_at(path: str) -> Path | None:
    """Return the file that a typed path names; None where there is none, or the text cannot be a path."""
    try:
        found = Path(path).expanduser()
        return found if found.is_file() else None
    except (OSError, ValueError, RuntimeError):
        return None


def projects_here() -> list[str]:
    """Return the databases of the current folder, the one that was changed last first."""
    found = [path for path in Path.cwd().glob("*.db") if path.is_file() and review.is_database(path)]
    return [path.name for path in sorted(found, key=lambda p: -p.stat().st_mtime)[:LISTED]]
