"""Names of the consensus methods, and of annotators in sentences; importing this loads no library."""

from __future__ import annotations

from collections.abc import Iterable

from labelqa.errors import MAX_SHOWN, shorten
from labelqa.text import shortened

TITLES = {
    "auto": "two models weighed by how well they predict left-out labels",
    "majority": "majority vote",
    "one_coin": "one-coin Dawid-Skene",
    "dawid_skene": "Dawid-Skene",
    "hierarchical": "Dawid-Skene shrunk towards the group",
    "spammer": "spammer model",
}
METHODS = tuple(TITLES)
EM_METHODS = ("one_coin", "dawid_skene", "hierarchical", "spammer")
NAME_LIMIT = 40


def quoted(names: Iterable[object], limit: int = MAX_SHOWN) -> str:
    """Return names in quotation marks, which keeps numbers that are names from being read as counts.

    Examples
    --------
    >>> quoted([5, "ann"]), quoted("abc", 2)
    ("'5', 'ann'", "'a', 'b' and 1 more")
    """
    return shorten((f"'{shortened(name, NAME_LIMIT)}'" for name in names), limit)
