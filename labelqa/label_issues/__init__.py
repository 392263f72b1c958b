"""Labels that are probably wrong, how many there are, and what to do about them."""
