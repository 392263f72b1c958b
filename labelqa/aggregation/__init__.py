"""Consensus labels and the quality of annotators; README.md explains the flow."""
