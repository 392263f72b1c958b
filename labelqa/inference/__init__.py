"""Intervals and resampling, shared by all statistics."""
