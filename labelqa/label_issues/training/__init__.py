"""Class probabilities of rows that took no part in their own prediction."""
