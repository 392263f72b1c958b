"""Whether agreement changed between two rounds."""
