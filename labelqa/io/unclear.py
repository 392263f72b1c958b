"""What to tell a user whose columns cannot be told apart: what was recognised, what they hold, how to name them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from labelqa.errors import ColumnError, Problem, shorten
from labelqa.io.longform import NAME_SCORE, ROLES, best_named
from labelqa.io.profile import Profile

MAX_COLUMNS = 12
SURE = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Unclear:
    """Why the columns are not clear.

    Attributes
    ----------
    recognised : mapping of role to column name
        What was found.
    rivals : mapping of role to tuple of column names
        Other columns that fit a role as well.
    votes : tuple of str
        Columns that look like votes per class.
    questions : tuple of str
        Columns that look like one item or question each, in a table of one row an annotator.
    """

    recognised: Mapping[str, str] = field(default_factory=dict)
    rivals: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    votes: tuple[str, ...] = ()
    questions: tuple[str, ...] = ()


def recognised(profiles: Sequence[Profile], named: Mapping[str, str]) -> dict[str, str]:
    """Return the roles that the user or the column names tell, each with its column."""
    out = {role: column for role, column in named.items() if role in ROLES}
    for role in ROLES:
        best, score = best_named(role, [p for p in profiles if p.name not in out.values()])
        if role not in out and best is not None and score >= SURE:
            out[role] = best.name
    return out


def error(found: Unclear, profiles: Sequence[Profile], file: str | None) -> ColumnError:
    """Return the error that shows the columns and says how to name the ones that are not clear."""
    if found.votes:
        what = (
            f"columns {shorten(map(repr, found.votes))} look like votes per class (whole numbers with one sum in every "
            "row), not like labels of annotators"
        )
        step = "Give one row a label (item, annotator, label), or one column an annotator."
        return _column_error(what, "annotator", step, profiles, file)
    if found.questions:
        names = shorten(map(repr, found.questions))
        what = f"columns {names} look like one item or question each, not one annotator each"
        step = "Turn the table so that each row is an item, or name the annotators' columns with annotator=[...]."
        return _column_error(what, "annotator", step, profiles, file)
    if "annotators" in found.rivals:
        names = shorten(map(repr, found.rivals["annotators"]))
        what = f"several groups of columns could be the annotators' labels: {names}"
        step = "Name the annotators' columns: annotator=[...] (--annotator a,b,c)."
        return _column_error(what, "annotator", step, profiles, file)
    if found.rivals:
        return _rival_error(found, profiles, file)
    lacking = [role for role in ROLES if role not in found.recognised] or [_weakest(found, profiles)]
    known = ", ".join(f"{role}={column!r}" for role, column in found.recognised.items() if role not in lacking)
    what = f"cannot tell which column holds the {' and the '.join(lacking)}"
    what += f"; recognised {known}" if known else ""
    return _column_error(what, lacking[0], _name_them(lacking), profiles, file)


def _rival_error(found: Unclear, profiles: Sequence[Profile], file: str | None) -> ColumnError:
    role, others = next(iter(found.rivals.items()))
    fitting = (found.recognised[role], *others)
    known = ", ".join(f"{r}={c!r}" for r, c in found.recognised.items() if r not in found.rivals)
    what = f"{len(fitting)} columns could be the {role}: {shorten(map(repr, fitting))}"
    what += f"; recognised {known}" if known else ""
    return _column_error(what, role, _name_them(list(found.rivals)), profiles, file)


def _weakest(found: Unclear, profiles: Sequence[Profile]) -> str:
    """Return the role whose column says least by its name."""
    scores = {
        role: NAME_SCORE[role](p.words)
        for role, column in found.recognised.items()
        for p in profiles
        if p.name == column
    }
    return min(scores, key=lambda r: scores[r])


def _name_them(roles: Sequence[str]) -> str:
    options = ", ".join(f"{r}= (--{r})" for r in roles)
    wide = "; for one column an annotator, annotator=[...] (--annotator a,b,c)" if "annotator" in roles else ""
    return f"Name the column: {options}{wide}."


def _column_error(what: str, parameter: str, step: str, profiles: Sequence[Profile], file: str | None) -> ColumnError:
    shown = "; ".join(f"{p.name} ({p.examples})" for p in profiles[:MAX_COLUMNS])
    more = f"; and {len(profiles) - MAX_COLUMNS} more" if len(profiles) > MAX_COLUMNS else ""
    return ColumnError(
        Problem(
            what=f"{what}. Columns: {shown}{more}",
            file=file,
            parameter=parameter,
            value=tuple(p.name for p in profiles),
            next_step=step,
        )
    )
