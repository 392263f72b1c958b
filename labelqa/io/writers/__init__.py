"""Writers of annotations: one file a format, each with ``write(annotations, columns) -> Content``."""
