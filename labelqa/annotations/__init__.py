"""Labels by several annotators as one integer-coded table."""
