"""A chart as one self-contained SVG text: no JavaScript, scales with its box, follows the colours of the page."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING
from xml.etree import ElementTree

from labelqa.charts import theme
from labelqa.text import visible

if TYPE_CHECKING:
    import altair as alt

SVG = "http://www.w3.org/2000/svg"
_DROPPED = ("role", "aria-", "pointer-events", "class")  # the drawing speaks through its title and description
_REFERENCE = re.compile(r"url\(#([^)]+)\)")


def chart_svg(chart: alt.Chart | alt.LayerChart, *, title: str, description: str = "", key: str = "") -> str:
    """Draw `chart`.

    Parameters
    ----------
    chart : Chart or LayerChart
        What to draw.
    title, description : str
        What screen readers say.
    key : str
        Prefix of all ids, unique in the page; by default made from the drawing.

    Returns
    -------
    str
        An ``<svg>`` element with a ``viewBox``, as wide as its box allows, at most 1.15 times its natural size.
        Each colour of the theme can be changed by a CSS variable of the page (``--lq-ink``, ``--lq-accent``, ...).
    """
    import vl_convert  # only where something is drawn

    raw = vl_convert.vegalite_to_svg(chart.to_dict())
    prefix = re.sub(r"[^a-zA-Z0-9-]", "-", key) or "c" + hashlib.sha256(raw.encode()).hexdigest()[:10]
    root = ElementTree.fromstring(raw)  # our own renderer's output: no foreign entities
    for element in list(root.iter()):
        _tidy(element, prefix)
    _empty_removed(root)
    _size(root)
    _describe(root, f"lq-{prefix}", title, description)
    ElementTree.register_namespace("", SVG)
    return ElementTree.tostring(root, encoding="unicode")


def _tidy(element: ElementTree.Element, prefix: str) -> None:
    """Drop attributes of no use to a drawing, make ids unique."""
    for name, value in list(element.attrib.items()):
        if name.startswith(_DROPPED):
            del element.attrib[name]
        elif name == "id":
            element.set(name, f"lq-{prefix}-{value}")
        else:
            element.set(name, _REFERENCE.sub(rf"url(#lq-{prefix}-\1)", value))


def _empty_removed(element: ElementTree.Element) -> None:
    """Remove groups and paths that draw nothing: more than half of what the renderer writes."""
    for child in list(element):
        _empty_removed(child)
        tag = child.tag.rpartition("}")[2]
        draws_nothing = (tag == "g" and len(child) == 0) or (tag == "path" and _is_blank_path(child))
        if draws_nothing or child.get("display") == "none" or child.get("opacity") == "0":
            element.remove(child)


def _is_blank_path(path: ElementTree.Element) -> bool:
    return path.get("d") in ("", "M0,0h0v0h0Z") or (path.get("fill") is None and path.get("stroke") is None)


def _size(root: ElementTree.Element) -> None:
    width = float(root.get("width", "400"))
    root.attrib.pop("height", None)
    root.set("width", "100%")
    root.set("style", f"max-width:{width * 1.15:.0f}px;height:auto")


def _describe(root: ElementTree.Element, prefix: str, title: str, description: str) -> None:
    root.set("role", "img")
    root.set("class", "lq-chart")
    texts: Iterator[tuple[str, str]] = iter([("title", visible(title)), ("desc", visible(description))])
    shown = [(tag, text) for tag, text in texts if text]
    root.set("aria-labelledby", " ".join(f"{prefix}-{tag}" for tag, _ in shown))
    for position, (tag, text) in enumerate(shown):
        node = ElementTree.Element(f"{{{SVG}}}{tag}", {"id": f"{prefix}-{tag}"})
        node.text = text
        root.insert(position, node)
    style = ElementTree.Element(f"{{{SVG}}}style")
    style.text = "".join(_rules())
    root.insert(len(shown), style)


def _rules() -> Iterator[str]:
    for colour, variable in theme.CSS_VARIABLES.items():
        for attribute in ("fill", "stroke"):
            yield f'.lq-chart [{attribute}="{colour}"]{{{attribute}:var({variable},{colour})}}'
