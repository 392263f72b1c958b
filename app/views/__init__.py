"""One file a page; each has `page(here)`, and `data` also `begin()` for the time before there is a project."""
