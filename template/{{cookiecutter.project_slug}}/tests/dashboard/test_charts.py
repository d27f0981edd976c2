"""Charts as SVG."""

from xml.etree import ElementTree

import pytest

from app.components.frontend import charts


@pytest.mark.parametrize(
    ("highest", "top"), [(0, 10), (10, 10), (11, 20), (45, 50), (51, 100), (730, 1000)]
)
def test_the_scale_is_a_round_number(highest: float, top: float) -> None:
    assert charts.scale([highest], least=10) == top


def test_the_scale_of_a_percentage_ends_at_100() -> None:
    assert charts.scale([99.0], least=10, most=100) == 100


@pytest.mark.parametrize("count", [0, 1, 5, charts.POINTS, charts.POINTS * 2])
def test_a_chart_is_valid_svg(count: int) -> None:
    svg = charts.area_chart([1.0] * count, 10, "#123456")
    root = ElementTree.fromstring(svg)  # noqa: S314 - our own text
    assert root.get("viewBox") == f"0 0 {charts.WIDTH} {charts.HEIGHT}"


def test_the_newest_value_is_at_the_right_edge() -> None:
    svg = charts.area_chart([0.0, 10.0], 10, "#123456")
    assert f"{charts.WIDTH} 4" in svg


def test_a_chart_of_two_minutes_is_small() -> None:
    """It is sent to every open dashboard every second."""
    values = [float(n % 100) for n in range(charts.POINTS)]
    assert len(charts.area_chart(values, 100, "#123456")) < 1500
