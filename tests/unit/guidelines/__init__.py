"""Tests of labelqa.guidelines."""
