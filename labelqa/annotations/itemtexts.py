"""Which column of the items holds their texts."""

from __future__ import annotations

import numpy as np
import pandas as pd

TEXT_NAMES = (
    "text", "content", "body", "message", "sentence", "question", "document", "comment", "review", "title",
    "description",
)  # fmt: skip
SAMPLE = 500  # items looked at to find the column that holds text
MIN_TEXT = 20  # mean characters of a column that is taken for text


def text_column(item_data: pd.DataFrame) -> str | None:
    """Return the column that holds the text of the items: by its name, else the one with the longest texts."""
    by_name = {str(c).strip().casefold(): str(c) for c in reversed(item_data.columns.tolist())}
    named = next((by_name[n] for n in TEXT_NAMES if n in by_name), None)
    if named is not None:
        return named
    lengths = {str(c): _mean_length(item_data[c]) for c in item_data.columns}
    longest = max(lengths, key=lengths.__getitem__, default=None)
    return longest if longest is not None and lengths[longest] >= MIN_TEXT else None


def _mean_length(column: pd.Series) -> float:
    if pd.api.types.is_numeric_dtype(column.dtype) or pd.api.types.is_datetime64_any_dtype(column.dtype):
        return 0.0
    texts = column.head(SAMPLE).dropna()
    return float(np.mean([len(str(t)) for t in texts])) if len(texts) else 0.0
