"""Charts as SVG texts: one value for the browser to redraw, the same for all who look."""

from collections.abc import Sequence
from itertools import chain

POINTS = 120
"""How many samples a chart shows."""

WIDTH = POINTS * 5
HEIGHT = 120
_BEYOND = 12
_STEPS = (1, 2, 5)


def scale(values: Sequence[float], least: float, most: float | None = None) -> float:
    """A round number that all values fit under: 5, 10, 20, 50 and so on."""
    highest = max(values, default=0.0)
    top = least
    while top < highest:
        top = _next_step(top)
    return min(top, most) if most is not None else top


def _next_step(top: float) -> float:
    power = 1.0
    while power * 10 <= top:
        power *= 10
    return next(power * step for step in (*_STEPS, 10) if power * step > top)


def area_chart(values: Sequence[float], top: float, colour: str) -> str:
    """An area under a line, the newest value at the right edge."""
    shown = values[-POINTS:]
    # The edges as well: what stands above and below the picture says what they are.
    heights = (1, HEIGHT // 4, HEIGHT // 2, HEIGHT * 3 // 4, HEIGHT - 1)
    lines = "".join(f"M0 {y}H{WIDTH}" for y in heights)
    grid = f'<path d="{lines}" stroke="#8a94a6" stroke-opacity="0.22" stroke-width="1"/>'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
        f'preserveAspectRatio="none">{grid}{_area(shown, top, colour)}</svg>'
    )


def _area(values: Sequence[float], top: float, colour: str) -> str:
    if not values:
        return ""
    step = WIDTH / (POINTS - 1)
    start = WIDTH - step * (len(values) - 1)
    heights = [round(HEIGHT - 2 - (HEIGHT - 6) * min(v / top, 1.0)) for v in values]
    points = chain.from_iterable(
        (f"{start + step * index:.0f}", str(y)) for index, y in enumerate(heights)
    )
    line = f"L{' '.join(points)}"
    left, right, bottom = round(start), WIDTH + _BEYOND, HEIGHT + _BEYOND
    outline = f'stroke="{colour}" stroke-width="2.5" stroke-linejoin="round"'
    fill = f'fill="{colour}" fill-opacity="0.16"'
    if len(values) < POINTS:
        area = f"M{left} {bottom}{line}L{right} {heights[-1]}L{right} {bottom}Z"
        line = f"M{left} {heights[0]}{line}"
        return f'<path d="{area}" {fill}/><path d="{line}" fill="none" {outline}/>'
    # The outline runs outside of the picture on three sides, so that only the line is seen.
    left -= _BEYOND
    area = f"M{left} {bottom}L{left} {heights[0]}{line}L{right} {heights[-1]}L{right} {bottom}Z"
    return f'<path d="{area}" {fill} {outline}/>'
