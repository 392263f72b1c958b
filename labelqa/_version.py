"""The version, apart from everything so that setup.cfg can read it without importing the library."""

__version__ = "0.1.0"
