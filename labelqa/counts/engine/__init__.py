"""Counting inside the engine that holds the labels; README.md explains the flow."""
