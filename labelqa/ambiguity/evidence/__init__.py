"""Evidence on one pair of classes: what the disputed items have in common, and what sets the classes apart."""
