"""How many items an agreement study needs."""
