"""Where errors gather: slices of the data found by exact search, tested against chance, reported without repetition."""
