"""Names of the consensus methods; importing this loads nothing."""

from __future__ import annotations

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
