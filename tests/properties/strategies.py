"""Random label tables for property tests."""

import pandas as pd
from hypothesis import strategies as st

from labelqa.annotations.table import Annotations

CLASSES = ("a", "b", "c", "d")


@st.composite
def wide_tables(draw, max_items=12, max_annotators=5):
    """A wide table of up to four classes with gaps; at least one label."""
    n = draw(st.integers(1, max_items))
    m = draw(st.integers(2, max_annotators))
    cell = st.one_of(st.none(), st.sampled_from(CLASSES))
    rows = draw(st.lists(st.lists(cell, min_size=m, max_size=m), min_size=n, max_size=n))
    return pd.DataFrame(rows, columns=[f"r{g}" for g in range(m)], dtype=object)


def annotations(wide):
    return Annotations.from_wide(wide, classes=CLASSES)
