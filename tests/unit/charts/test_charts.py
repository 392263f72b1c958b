"""Charts and their SVG."""

from __future__ import annotations

import re
import subprocess
import sys
from xml.etree import ElementTree

import pandas as pd
import pytest

from labelqa.charts import theme
from labelqa.charts.bars import share_chart
from labelqa.charts.drift import cusum_chart
from labelqa.charts.heatmap import heatmap_chart, top_classes
from labelqa.charts.intervals import interval_chart
from labelqa.charts.svg import chart_svg

NAN = float("nan")
ROWS = pd.DataFrame(
    {
        "name": ["sport", "politics <script>alert(1)</script>", "sport"],
        "estimate": [0.8, -0.2, NAN],
        "low": [0.7, -0.31, NAN],
        "high": [0.9, 0.1, NAN],
        "reason": [None, None, "only one class was used"],
    }
)
PAIRS = pd.DataFrame({"class_a": ["a", "a", 3], "class_b": ["b", 3, "b"], "n_items": [9, 2, 1]})


def texts(svg: str) -> list[str]:
    return [e.text or "" for e in ElementTree.fromstring(svg).iter() if e.tag.endswith("}text")]


def test_interval_chart_names_each_row_even_if_two_share_a_name():
    shown = texts(chart_svg(interval_chart(ROWS), title="t"))
    assert shown.count("sport") == 2


def test_interval_chart_says_why_a_row_is_undefined():
    assert "undefined: only one class was used" in texts(chart_svg(interval_chart(ROWS), title="t"))


def test_interval_chart_axis_reaches_below_zero_only_where_needed():
    def domain(frame):
        return interval_chart(frame).to_dict()["layer"][1]["encoding"]["x"]["scale"]["domain"]

    assert domain(ROWS) == [-0.4, 1.0]
    assert domain(ROWS.head(1)) == [0.0, 1.0]
    assert domain(ROWS.tail(1)) == [0.0, 1.0]


def test_interval_chart_takes_its_names_from_any_column():
    frame = ROWS.rename(columns={"name": "annotator"})
    assert "sport" in texts(chart_svg(interval_chart(frame, label="annotator"), title="t"))


def test_interval_chart_marks_reference_values():
    spec = interval_chart(ROWS, reference=(0.667, 0.8)).to_dict()
    assert [row["at"] for row in spec["datasets"][spec["layer"][0]["data"]["name"]]] == [0.667, 0.8]


def test_share_chart_writes_percentages():
    frame = pd.DataFrame({"class": ["a", "b"], "part": [0.75, 0.25]})
    shown = texts(chart_svg(share_chart(frame, label="class", value="part"), title="t"))
    assert {"75%", "25%"} <= set(shown)


def test_heatmap_shows_each_pair_on_both_sides_of_the_diagonal():
    shown = texts(chart_svg(heatmap_chart(PAIRS), title="t"))
    assert shown.count("9") == 2
    assert shown.count("2") == 2


def test_heatmap_of_many_classes_keeps_those_with_most_confusions():
    pairs = pd.DataFrame(
        [(f"c{i}", f"c{j}", i + j) for i in range(40) for j in range(i)], columns=["class_a", "class_b", "n_items"]
    )
    kept = top_classes(pairs, 30)
    assert len(kept) == 30
    assert "c39" in kept
    assert "c0" not in kept
    assert len(heatmap_chart(pairs).to_dict()["layer"]) == 1  # cells too small for numbers


def test_heatmap_of_no_pair_is_empty_but_drawn():
    assert "<svg" in chart_svg(heatmap_chart(PAIRS.head(0)), title="t")


def test_svg_scales_and_speaks():
    root = ElementTree.fromstring(chart_svg(interval_chart(ROWS), title="A & B", description="two < three", key="x"))
    assert root.get("width") == "100%"
    assert root.get("height") is None
    assert re.fullmatch(r"0 0 \d+ \d+", root.get("viewBox", ""))
    assert root.get("role") == "img"
    assert root.get("aria-labelledby") == "lq-x-title lq-x-desc"
    assert [root[0].text, root[1].text] == ["A & B", "two < three"]


def test_svg_has_no_script_no_request_and_escapes_text():
    svg = chart_svg(interval_chart(ROWS), title="<script>x</script>", description="\x00\x1b")
    assert "<script" not in svg
    assert "href" not in svg
    assert "http" not in svg.replace('xmlns="http://www.w3.org/2000/svg"', "")
    assert "politics &lt;s" in svg
    assert "&lt;/script&gt;" in svg


def test_svg_ids_carry_the_key_so_that_two_charts_of_a_page_do_not_clash():
    ids = [re.findall(r'id="([^"]+)"', chart_svg(interval_chart(ROWS), title="t", key=key)) for key in ("a", "b")]
    assert ids[0]
    assert not set(ids[0]) & set(ids[1])
    assert all(i.startswith("lq-a-") for i in ids[0])


def test_svg_uses_only_colours_that_the_page_can_change():
    svg = "".join(
        chart_svg(c, title="t")
        for c in (interval_chart(ROWS), heatmap_chart(PAIRS), share_chart(ROWS.assign(share=0.3)))
    )
    assert set(re.findall(r'(?:fill|stroke)="(#[0-9a-f]+)"', svg)) <= set(theme.CSS_VARIABLES)


def test_the_same_chart_gives_the_same_bytes():
    assert chart_svg(interval_chart(ROWS), title="t") == chart_svg(interval_chart(ROWS), title="t")


@pytest.mark.parametrize("background", [(255, 255, 255), (18, 24, 30)])
def test_page_colours_are_legible_on_light_and_dark(background):
    light, dark = (("#1b2733", "#56636f", "#0b62a4"), ("#e4e9ee", "#9dabb8", "#6cb4f0"))
    for colour in light if background[0] > 128 else dark:
        assert contrast(tuple(int(colour[i : i + 2], 16) for i in (1, 3, 5)), background) >= 4.5


def contrast(a, b):
    def luminance(rgb):
        parts = [v / 255 / 12.92 if v / 255 <= 0.03928 else ((v / 255 + 0.055) / 1.055) ** 2.4 for v in rgb]
        return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]

    low, high = sorted((luminance(a), luminance(b)))
    return (high + 0.05) / (low + 0.05)


def test_importing_a_chart_module_does_not_import_the_drawing_library():
    code = (
        "import sys, labelqa.charts.intervals, labelqa.charts.bars, labelqa.charts.heatmap, labelqa.charts.svg;"
        "sys.exit(int('altair' in sys.modules or 'vl_convert' in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_drift_chart_keeps_the_farthest_point_of_a_long_history():
    n = 5_000
    frame = pd.DataFrame({"position": range(1, n + 1), "cusum": [float(i == 2_345) * 9 for i in range(n)]})
    layers = cusum_chart(frame, limit=3.0, at=2_346).to_dict()
    data = layers["datasets"][layers["layer"][-1]["data"]["name"]]
    assert len(data) <= 400
    assert max(row["y"] for row in data) == 9
    assert (data[0]["x"], data[-1]["x"]) == (1, n)


def test_a_drift_chart_shows_its_limits_and_only_colours_that_the_page_can_change():
    frame = pd.DataFrame({"position": [1, 2, 3], "cusum": [0.2, -0.4, NAN]})
    svg = chart_svg(cusum_chart(frame, limit=2.0), title="t")
    assert svg.count("stroke-dasharray") == 2
    assert set(re.findall(r'(?:fill|stroke)="(#[0-9a-f]+)"', svg)) <= set(theme.CSS_VARIABLES)


def test_long_names_keep_what_differs():
    from labelqa.charts.theme import pair_names, row_keys

    names = [f"category number {n:02d} of the list" for n in range(12)]
    assert len({key[6:] for key in row_keys(f"a very long category of tickets, number {n}" for n in range(12))}) == 12
    assert all(len(key) <= 30 for key in row_keys(names))
    assert len({key[6:] for key in row_keys(names)}) == 12
    pairs = pair_names([("x" * a, "y" * b) for a in (1, 9, 10, 11, 124) for b in (1, 9, 10, 11, 124)])
    assert all("/" in name and len(name) <= 24 for name in pairs)
    known = pair_names([(names[6], names[7]), (names[6], names[11])])
    assert known == ["categ…06… / categ…07…", "categ…06… / categ…11…"]


def test_whole_names_are_told_where_one_points_at_a_mark():
    name = "category number 06 of the list that goes on"
    for chart in (
        heatmap_chart(pd.DataFrame({"class_a": [name], "class_b": ["x"], "n_items": [3]})),
        interval_chart(pd.DataFrame({"name": [name], "estimate": [0.5], "low": [0.4], "high": [0.6]})),
    ):
        spec = chart.to_dict()
        assert any("tooltip" in layer["encoding"] for layer in spec["layer"])
        assert any(name in row.values() for rows in spec["datasets"].values() for row in rows)


def test_names_below_a_map_of_many_classes_never_overlap():
    def overlap(n: int) -> object:
        names = [f"c{i}" for i in range(n)]
        frame = pd.DataFrame({"class_a": names[:-1], "class_b": names[1:], "n_items": 1})
        return heatmap_chart(frame).to_dict()["layer"][0]["encoding"]["x"]["axis"]["labelOverlap"]

    assert (overlap(5), overlap(20)) == (False, "greedy")
