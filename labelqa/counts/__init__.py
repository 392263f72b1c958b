"""Labels per item and class as distinct patterns with multiplicities."""
