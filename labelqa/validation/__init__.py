"""Can the file be trusted? What in it cannot be right, and what differs from an earlier batch."""
