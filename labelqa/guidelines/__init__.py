"""Labeling instructions as versioned documents of typed rules: what changed, what is wrong, who overwrote whom."""
