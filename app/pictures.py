"""Pictures of items: only from the folder, or from the https hosts, that the app was started with."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from labelqa_app.options import Options, options

ENDINGS = (".png", ".jpg", ".jpeg", ".gif", ".webp", ".bmp")
LARGEST = 20_000_000  # bytes
# Browsers take a backslash for a slash, and see another host then than Python does; before an @ stands no host.
UNSAFE = re.compile(r"[\\@\s\x00-\x1f\x7f]")


def picture_of(value: object, chosen: Options | None = None) -> str | None:
    """Return the path or address of the picture that a cell names, or None where it names none that may be shown.

    SVG is not among the endings: it can hold scripts.
    """
    chosen = chosen or options()
    if not isinstance(value, str) or len(value) > 2000 or not value.lower().split("?")[0].endswith(ENDINGS):
        return None
    if value.startswith("https://"):
        return value if not UNSAFE.search(value) and _host(value) in chosen.image_hosts else None
    if chosen.images is None or "\0" in value:
        return None
    folder = chosen.images.resolve()
    try:
        path = (folder / value).resolve()
        inside = path.is_relative_to(folder) and path.is_file() and path.stat().st_size <= LARGEST
    except (OSError, ValueError):
        return None
    return str(path) if inside else None


def _host(address: str) -> str | None:
    try:
        return urlsplit(address).hostname
    except ValueError:
        return None
