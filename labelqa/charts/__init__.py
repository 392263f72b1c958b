"""Altair charts from plain frames: defined once, drawn in notebooks, reports and the app."""
