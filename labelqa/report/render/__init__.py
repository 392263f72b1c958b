"""The four views of a report."""
