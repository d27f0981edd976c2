"""The pages, in process: no server, no browser."""

from collections.abc import Awaitable, Callable

import flet as ft
import pytest

from app.components.frontend import theme
from app.components.frontend.frame import Frame
from app.components.frontend.opening import THEME_KEY, TITLE
from app.components.frontend.pages import registry
from app.components.frontend.registry import Card, Changes, Context, Page, Registry, View
from app.services.activity import ErrorRecord, RequestRecord
from app.services.system import Alert, CheckResult
from tests.dashboard.support import NOW, Screen, make_frame, walk

Show = Callable[..., Awaitable[Screen]]


async def test_the_overview_shows_every_component(show: Show) -> None:
    cache = CheckResult.degraded("Answers slowly", hits_total=7)
    screen = await show(make_frame(("backend", CheckResult.healthy("Ready")), ("cache", cache)))
    for text in ("Backend", "Cache", "Degraded", "Answers slowly", "Degraded for 5 min"):
        assert screen.shows(text), text
    assert screen.shows("Cache is degraded")


async def test_the_overview_shows_figures_alerts_and_activity(show: Show) -> None:
    alert = Alert(resource="disk", value=95, threshold=90, message="Disk is at 95 %")
    request = RequestRecord(NOW.timestamp(), "GET", "/api/things", 200, 3.2, "abc")
    error = ErrorRecord(NOW.timestamp(), "GET /api/things", "KeyError", "'id'", "abc")
    screen = await show(make_frame(alerts=[alert], requests=[request], errors=[error]))
    for text in ("42 %", "4.0 GB of 8.0 GB", "2 /s", "Disk is at 95 %", "/api/things", "KeyError"):
        assert screen.shows(text), text


async def test_the_same_error_twice_is_shown_twice(show: Show) -> None:
    error = ErrorRecord(NOW.timestamp(), "job", "KeyError", "'id'", None)
    screen = await show(make_frame(errors=[error, error]), route="/activity")
    assert screen.texts().count("12:00:00  KeyError") == 2


async def test_a_card_opens_the_page_of_its_component(show: Show) -> None:
    cache = CheckResult.healthy(hits_total=7, address="localhost:6379")
    screen = await show(make_frame(("cache", cache)))
    await screen.press("Cache")
    assert screen.page.route == "/components/cache"
    assert screen.page.title.startswith("Cache")
    for text in ("Hits total", "localhost:6379", "02 Jan 2026, 11:55:00 UTC"):
        assert screen.shows(text), text
    await screen.press("Overview")
    assert screen.shows("Recent requests")


async def test_parts_are_on_the_page_of_their_component(show: Show) -> None:
    worker = CheckResult(children={"system": CheckResult.unhealthy("No worker is alive", depth=9)})
    screen = await show(make_frame(("worker", worker)), route="/components/worker")
    for text in ("Parts", "System", "No worker is alive", "Unhealthy"):
        assert screen.shows(text), text


async def test_an_error_opens_with_its_traceback_and_the_request(show: Show) -> None:
    error = ErrorRecord(
        NOW.timestamp(), "POST /api/things", "KeyError", "'id'", "abc-1", "Traceback: line 7", 500
    )
    screen = await show(make_frame(errors=[error]))
    await screen.press("Open KeyError")
    assert screen.page.route == "/activity/errors/abc-1"
    shown = ("KeyError", "POST /api/things", "500", "abc-1", "Traceback: line 7")
    for text in (*shown, "02 Jan 2026, 12:00:00 UTC"):
        assert screen.shows(text), text
    # Also when so many followed that it is not kept any more.
    await screen.dashboard.show(make_frame())
    assert screen.shows("Traceback: line 7")
    await screen.press("Activity")
    assert screen.shows("Times are UTC")


async def test_an_error_that_is_not_kept_any_more_says_so(show: Show) -> None:
    screen = await show(make_frame(), route="/activity/errors/abc")
    assert screen.shows("This error is not here any more")


async def test_what_a_page_says_can_be_selected(show: Show) -> None:
    screen = await show(make_frame(), route="/activity")
    [area] = [c for c in screen.controls() if isinstance(c, ft.SelectionArea)]
    held = [c.value for c in walk(area) if isinstance(c, ft.Text)]
    assert "Activity" in held
    # Nothing in it keeps its text to itself.
    assert not any(c.selectable for c in walk(area) if isinstance(c, ft.Text))


async def test_requests_are_lines_in_their_colours(show: Show) -> None:
    requests = [
        RequestRecord(NOW.timestamp(), "GET", path, status, 3.2, "abc")
        for path, status in (("/a", 200), ("/b", 204), ("/c", 500), ("/d", 200))
    ]
    screen = await show(make_frame(requests=requests), route="/activity")
    spans = [c for c in screen.controls() if isinstance(c, ft.TextSpan)]
    texts = [span.text or "" for span in spans]
    assert [text.split()[3::7] for text in texts] == [["/a", "/b"], ["/c"], ["/d"]]
    assert "".join(texts).count("\n") == 3
    colours = [span.style and span.style.color for span in spans]
    assert colours == [theme.TEXT, theme.BAD, theme.TEXT]


async def test_all_cards_are_equally_high(show: Show) -> None:
    short, long = CheckResult.healthy(a=1), CheckResult.degraded("Slow", a=1, b=2, c=3, d=4, e=5)
    screen = await show(make_frame(("one", short), ("two", long)), route="/components")
    # What each has to say lies upon the room that all of them have.
    rooms = [c.controls[0] for c in screen.controls() if isinstance(c, ft.Stack)]
    lines = [room.value.count("\n") + 1 for room in rooms if isinstance(room, ft.Text)]
    assert lines == [2, 4, 2, 4]


@pytest.mark.parametrize("route", ["/nowhere", "/components/nothing", "/activity/nothing"])
async def test_a_route_without_a_page_says_so(show: Show, route: str) -> None:
    screen = await show(make_frame(), route=route)
    assert screen.shows("There is no such page")
    await screen.open("/activity")
    assert screen.shows("Times are UTC")


async def test_only_what_changed_is_sent(show: Show) -> None:
    screen = await show(make_frame(("cache", CheckResult.healthy(hits_total=1))))
    before = len(screen.browser.sent)
    await screen.dashboard.show(make_frame(("cache", CheckResult.healthy(hits_total=1))))
    assert len(screen.browser.sent) == before
    await screen.dashboard.show(make_frame(("cache", CheckResult.healthy(hits_total=2))))
    # The value on the card, and nothing else.
    assert len(screen.browser.sent) <= before + 2


async def test_components_come_and_go(show: Show) -> None:
    screen = await show(make_frame(("cache", CheckResult.healthy())))
    await screen.dashboard.show(make_frame(("queue", CheckResult.unhealthy("Gone"))))
    assert screen.shows("Queue")
    assert not screen.shows("Cache")


async def test_the_theme_is_remembered_in_the_browser(show: Show) -> None:
    screen = await show(make_frame())
    assert screen.page.theme_mode is ft.ThemeMode.SYSTEM
    await screen.press("Switch theme")
    assert screen.page.theme_mode is ft.ThemeMode.LIGHT
    assert list(screen.browser.stored.values()) == ["light"]
    await screen.press("Switch theme")
    assert screen.page.theme_mode is ft.ThemeMode.DARK


async def test_the_theme_is_known_before_the_page_has_a_title(show: Show) -> None:
    """The browser shows it from then on: it would be bright for a moment, or take back what was just chosen."""
    screen = await show(make_frame())
    asked, titled = (
        next(number for number, sent in enumerate(screen.browser.sent) if word.encode() in sent)
        for word in (THEME_KEY, TITLE)
    )
    assert asked < titled


async def test_a_browser_that_keeps_nothing_has_a_theme(show: Show) -> None:
    screen = await show(make_frame(), start=False)
    screen.browser.keeps_things = False
    await screen.dashboard.start()
    assert screen.page.theme_mode is ft.ThemeMode.SYSTEM
    assert screen.shows("Recent requests")


async def test_who_came_in_with_a_token_can_leave(show: Show, closed: str) -> None:
    screen = await show(make_frame())
    links = [c for c in screen.controls() if isinstance(c, ft.IconButton) and c.url]
    assert [link.tooltip for link in links] == ["Log out"]


async def test_a_narrow_window_has_a_bar_instead_of_a_sidebar(show: Show) -> None:
    screen = await show(make_frame())
    assert screen.shows("COMPONENTS")
    await screen.resize(400)
    assert not screen.shows("COMPONENTS")
    bar = screen.page.views[0].navigation_bar
    assert isinstance(bar, ft.NavigationBar)
    assert bar.visible
    # Components are there as well, and the bar says where one is.
    labels = [item.label for item in bar.destinations]
    for route, label in (
        ("/components", "Components"),
        ("/components/backend", "Components"),
        ("/activity/errors/abc", "Activity"),
        ("/", "Overview"),
    ):
        await screen.open(route)
        assert labels[bar.selected_index] == label
    await screen.open("/components")
    await screen.press("Backend")
    assert screen.page.route == "/components/backend"


async def test_it_follows_only_while_connected(show: Show) -> None:
    screen = await show(make_frame())
    assert screen.refresh_loop.is_running
    await screen.page._trigger_event("disconnect", None)
    assert not screen.refresh_loop.is_running
    await screen.page._trigger_event("connect", None)
    assert screen.refresh_loop.is_running


class Greeting(View):
    """A page as a component or a user adds it."""

    def __init__(self, context: Context) -> None:
        self._text = ft.Text()
        super().__init__(self._text)

    async def show(self, frame: Frame, changes: Changes) -> None:
        changes.set(self._text, value=f"Hello from {frame.app}")


async def test_pages_and_cards_can_be_added(show: Show, monkeypatch: pytest.MonkeyPatch) -> None:
    found: Registry = registry()
    monkeypatch.setattr(found, "pages", dict(found.pages))
    monkeypatch.setattr(found, "cards", dict(found.cards))
    found.add_page(Page("/hello", "Hello", icon=ft.Icons.WAVING_HAND, build=Greeting))
    found.add_card(
        Card("cache", icon=ft.Icons.BOLT, title="Valkey", figures=("hits",), more=Greeting)
    )
    cache = CheckResult.healthy(misses=1, hits=2)
    screen = await show(make_frame(("cache", cache)))
    assert "Hits" in screen.texts()
    await screen.press("Valkey")
    assert screen.shows("Hello from my-app")
    await screen.press("Hello")
    assert screen.page.route == "/hello"
    with pytest.raises(ValueError, match="already"):
        found.add_page(Page("/hello", "Again", icon=ft.Icons.BOLT, build=Greeting))


class Broken(View):
    """A page with a bug."""

    def __init__(self, context: Context) -> None:
        super().__init__(ft.Button("Try", on_click=self.fail))

    async def show(self, frame: Frame, changes: Changes) -> None:
        raise RuntimeError("hunter2 in show")

    def fail(self) -> None:
        raise RuntimeError("hunter2 in a handler")


async def test_exceptions_are_logged_and_not_shown(
    show: Show, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    found = registry()
    monkeypatch.setattr(found, "pages", dict(found.pages))
    found.add_page(Page("/broken", "Broken", icon=ft.Icons.BOLT, build=Broken))
    screen = await show(make_frame(), route="/broken")
    assert screen.shows("This page failed")
    assert "hunter2 in show" in caplog.text
    button = Broken(screen.dashboard._context).content
    screen.page.add(button)
    await screen.session.dispatch_event(button._i, "click", None)
    assert "hunter2 in a handler" in caplog.text
    assert "hunter2" not in repr(screen.browser.sent)
    assert "The logs say what" in repr(screen.browser.sent)


@pytest.mark.parametrize("name", [page.title for page in registry().pages.values()])
async def test_every_page_opens_without_a_single_component(show: Show, name: str) -> None:
    screen = await show(make_frame())
    await screen.press(name)
    assert screen.shows(name)
