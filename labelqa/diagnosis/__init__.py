"""What the findings mean together: why people disagree on an item, and what to do about it."""
