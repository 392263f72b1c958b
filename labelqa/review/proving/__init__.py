"""Whether a change of the instruction helped: from the labels of two rounds to a verdict."""
