"""Whatever is written as a table is read back as it was."""

from __future__ import annotations

import csv
import io
import tempfile
from pathlib import Path

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from labelqa.io.formulas import rearmed
from labelqa.io.read import read_annotations

NAMES = st.text(
    st.characters(blacklist_categories=("Cs", "Cc"), blacklist_characters="\ufeff\u200b"), min_size=1, max_size=8
).filter(str.strip)
LABELS = st.one_of(st.sampled_from(["NA", "None", "null", "nan", "", "no, or yes", 'so "called"', "two\nlines"]), NAMES)
ROWS = st.dictionaries(st.tuples(NAMES, NAMES), LABELS.filter(str.strip), min_size=1, max_size=30)
SEPARATORS = st.sampled_from([",", ";", "\t", "|"])
QUOTING = st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_MINIMAL, csv.QUOTE_NONNUMERIC])
LINE_ENDS = st.sampled_from(["\n", "\r\n"])
ENCODINGS = st.sampled_from(["utf-8", "utf-8-sig", "utf-16"])


def _written(rows: list[tuple[str, ...]], separator: str, quoting: int, end: str) -> str:
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=separator, quoting=quoting, lineterminator=end).writerows(rows)
    return out.getvalue()


def _read(content: bytes, **kwargs: object) -> pd.DataFrame:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "labels.csv"
        path.write_bytes(content)
        return read_annotations(path, **kwargs).to_frame()  # type: ignore[arg-type]


@settings(max_examples=150, deadline=None)
@given(ROWS, SEPARATORS, QUOTING, LINE_ENDS, ENCODINGS)
def test_a_long_table_is_read_back_as_written(rows, separator, quoting, end, encoding):
    table = [("item", "annotator", "label"), *((i, a, label) for (i, a), label in rows.items())]
    content = _written(table, separator, quoting, end).encode(encoding)
    frame = _read(
        content,
        item="item",
        annotator="annotator",
        label="label",
        classes=sorted({rearmed(label) for label in rows.values()}),
    )
    read = set(zip(frame["item"], frame["annotator"], frame["label"], strict=True))
    assert read == {
        tuple(map(rearmed, (i, a, label))) for (i, a), label in rows.items()
    }  # without what keeps a formula still


@settings(max_examples=50, deadline=None)
@given(st.data())
def test_long_and_wide_tables_of_the_same_labels_give_the_same_counts(data):
    people = ["rater_1", "rater_2", "rater_3"]
    items = [f"i{i}" for i in range(data.draw(st.integers(3, 12)))]
    cell = st.sampled_from(["a", "b", "b", "c", ""])
    labels = {(i, p): data.draw(cell) for i in items for p in people}
    labels |= {(items[0], p): "a" for p in people} | {(items[1], p): "b" for p in people}
    long = [("item", "annotator", "label"), *((i, p, label) for (i, p), label in labels.items())]
    wide = [("item", *people), *((i, *(labels[i, p] for p in people)) for i in items)]
    one = _read(_written(long, ",", csv.QUOTE_MINIMAL, "\n").encode())
    two = _read(_written(wide, ";", csv.QUOTE_MINIMAL, "\n").encode())
    keys = ["item", "label"]
    assert one.groupby(keys).size().to_dict() == two.groupby(keys).size().to_dict()
