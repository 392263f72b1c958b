"""Readers: label files and frames of any common kind to annotations."""
