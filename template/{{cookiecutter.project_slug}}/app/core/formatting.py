"""Values as people read them, in the dashboard and on the command line.

Only characters that the dashboard's fonts have.
"""

from app.core.redaction import redact

_UNITS = {
    "_bytes": "bytes",
    "_ms": "ms",
    "_seconds": "seconds",
    "_percent": "percent",
}

_ACRONYMS = {"ai", "api", "cpu", "db", "id", "ip", "sql", "sse", "url"}

NOTHING = "-"


def size(count: float) -> str:
    """`65 MB`, `1.2 GB`."""
    if count < 1024:
        return f"{count:.0f} bytes"
    for unit in ("KB", "MB"):
        count /= 1024
        if count < 1024:
            return f"{_short(count)} {unit}"
    return f"{_short(count / 1024)} GB"


def _short(value: float) -> str:
    return f"{value:.1f}" if value < 10 else f"{value:.0f}"


def duration(seconds: float) -> str:
    """`3 h 12 min`: as coarse as people say it, so that it seldom changes."""
    if seconds < 60:
        return "under a minute"
    minutes = int(seconds // 60)
    if minutes < 60:
        return f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    if hours < 24:
        return f"{hours} h {minutes} min" if minutes else f"{hours} h"
    days, hours = divmod(hours, 24)
    return f"{days} d {hours} h" if hours else f"{days} d"


def milliseconds(value: float) -> str:
    """`3.2 ms`, `1.4 s`."""
    if value >= 10_000:
        return f"{value / 1000:.0f} s"
    if value >= 1000:
        return f"{value / 1000:.1f} s"
    return f"{value:.0f} ms" if value >= 100 else f"{value:.1f} ms"


def number(value: float) -> str:
    """`12,345`, `0.25`."""
    if float(value).is_integer():
        return f"{value:,.0f}"
    return f"{value:,.2f}".rstrip("0")


def many(count: int, what: str) -> str:
    """`1 job`, `2 jobs`."""
    return f"{number(count)} {what}" if count == 1 else f"{number(count)} {what}s"


def percent(value: float) -> str:
    """`4 %`, and `0.4 %` where it matters."""
    return f"{value:.0f} %" if value >= 10 or float(value).is_integer() else f"{value:.1f} %"


def title(name: str) -> str:
    """`load_test` becomes `Load test`."""
    words = [
        word.upper() if word.lower() in _ACRONYMS else word
        for word in name.replace("_", " ").replace("-", " ").split()
    ]
    text = " ".join(words)
    return text[:1].upper() + text[1:]


def label(key: str) -> str:
    """The name of a detail, without the unit that its value shows: `average_ms` is `Average`."""
    for suffix in _UNITS:
        if key.endswith(suffix) and key != suffix.removeprefix("_"):
            return title(key.removesuffix(suffix))
    return title(key)


def detail(key: str, value: object) -> str:
    """The value of a detail; the end of its key says the unit, and secrets are masked."""
    if value is None or value == "":
        return NOTHING
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        unit = next((u for suffix, u in _UNITS.items() if key.endswith(suffix)), "")
        return _with_unit(value, unit)
    # Together with its key, so that a detail called `api_key` is masked whatever it looks like.
    text = redact(f"{key}={value}")
    return text.removeprefix(f"{key}=")


def shorten(text: str, length: int = 22) -> str:
    """The beginning of a text that is too long for its place."""
    return text if len(text) <= length else f"{text[: length - 1].rstrip()}…"


def _with_unit(value: float, unit: str) -> str:
    if unit == "bytes":
        return size(value)
    if unit == "ms":
        return milliseconds(value)
    if unit == "seconds":
        return duration(value) if value >= 60 else f"{number(value)} s"
    if unit == "percent":
        return percent(value)
    return number(value)
