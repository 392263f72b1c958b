"""Agreement between annotators, with its uncertainty."""
