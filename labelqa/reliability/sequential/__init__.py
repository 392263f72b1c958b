"""Stopping as soon as agreement is shown to be above a target, valid at every look."""
