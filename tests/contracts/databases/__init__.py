"""Files of every revision a release has had, and what made them: ``python -m tests.contracts.databases 0001 FILE``."""
