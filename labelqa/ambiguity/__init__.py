"""Class pairs that get confused, and the evidence to tell them apart."""
