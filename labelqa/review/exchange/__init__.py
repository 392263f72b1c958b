"""Files of a round for annotators, and back: CSV, Label Studio, Prodigy."""
