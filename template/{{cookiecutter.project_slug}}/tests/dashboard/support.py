"""What the tests of the dashboard share: made-up states, and a screen without a browser."""

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime, timedelta

import flet as ft
import msgpack
import pytest
from flet.controls.base_control import BaseControl
from flet.controls.context import _context_page
from flet.messaging.connection import Connection
from flet.messaging.protocol import (
    InvokeMethodRequestBody,
    Message,
    MessageAction,
    RegisterClientResponseBody,
    configure_encode_object_for_msgpack,
)
from flet.messaging.session import Session
from flet.pubsub.pubsub_hub import PubSubHub

from app.components.frontend import gate
from app.components.frontend.frame import Frame, build_frame
from app.components.frontend.refresh import RefreshLoop
from app.components.frontend.session import DashboardSession
from app.core import operators
from app.core.config import Settings
from app.services.activity import ErrorRecord, RequestRecord
from app.services.metrics import Sample
from app.services.system import Alert, CheckResult, ComponentHealth, Resources, State, SystemStatus

NOW = datetime(2026, 1, 2, 12, 0, tzinfo=UTC)


def make_status(
    *checks: tuple[str, CheckResult], alerts: list[Alert] | None = None
) -> SystemStatus:
    """A status with these components; one healthy backend without any."""
    found = dict(checks) or {"backend": CheckResult.healthy("Ready", requests_total=1234)}
    states = {check.state for check in found.values()}
    return SystemStatus(
        app="my-app",
        version="1.2.3",
        environment="test",
        overall_healthy=State.UNHEALTHY not in states,
        state=State.UNHEALTHY if State.UNHEALTHY in states else State.HEALTHY,
        started_at=NOW - timedelta(hours=2),
        checked_at=NOW,
        uptime_seconds=7200,
        components={
            name: ComponentHealth(
                name=name,
                required=True,
                since=NOW - timedelta(minutes=5),
                checked_at=NOW,
                duration_ms=0.5,
                **check.model_dump(),
            )
            for name, check in found.items()
        },
        resources=Resources(
            cpu_percent=42,
            memory_percent=50,
            memory_used_bytes=4 * 1024**3,
            memory_total_bytes=8 * 1024**3,
            disk_percent=10,
            disk_used_bytes=1024**3,
            disk_total_bytes=10 * 1024**3,
            process_memory_bytes=64 * 1024**2,
        ),
        alerts=alerts or [],
    )


def make_sample(requests_per_second: float = 2.0, average_ms: float = 5.0) -> Sample:
    """A sample of the metrics."""
    return Sample(NOW.timestamp(), 42.0, 50.0, 64 * 1024**2, requests_per_second, 0.0, average_ms)


def make_frame(
    *checks: tuple[str, CheckResult],
    alerts: list[Alert] | None = None,
    requests: list[RequestRecord] | None = None,
    errors: list[ErrorRecord] | None = None,
) -> Frame:
    """A frame with these components."""
    status = make_status(*checks, alerts=alerts)
    return build_frame(status, [make_sample()], requests or [], errors or [])


def use_settings(monkeypatch: pytest.MonkeyPatch, **values: object) -> None:
    """Run the gate with other settings."""
    settings = Settings(**values)  # ty: ignore[invalid-argument-type]
    monkeypatch.setattr(operators, "settings", settings)
    monkeypatch.setattr(gate, "settings", settings)


class FakeBrowser(Connection):
    """Takes what is sent, and answers as the browser would."""

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.get_running_loop()
        self.executor = ThreadPoolExecutor(max_workers=1)
        self.pubsubhub = PubSubHub(loop=self.loop, executor=self.executor)
        self.page_url = "http://testserver/dashboard"
        self.session: Session | None = None
        self.events: list[asyncio.Task[None]] = []
        self.stored: dict[str, object] = {}
        self.keeps_things = True
        self.sent: list[bytes] = []

    def send_message(self, message: Message) -> None:
        """Take a message. Packing it is what makes Flet remember what the browser has."""
        encode = configure_encode_object_for_msgpack(BaseControl)
        self.sent.append(msgpack.packb([message.action, message.body], default=encode))
        if message.action is MessageAction.INVOKE_METHOD:
            self.loop.call_soon(self._answer, message.body)

    async def settle(self) -> None:
        """Wait until all that was started is done."""
        for _ in range(10):
            await asyncio.sleep(0)
        while self.events:
            await self.events.pop()

    def _answer(self, call: InvokeMethodRequestBody) -> None:
        session = self.session
        assert session is not None
        name, arguments = call.name, call.args or {}
        result = None
        if name == "get":
            result = self.stored.get(arguments["key"])
        elif name == "set":
            self.stored[arguments["key"]] = arguments["value"]
        elif name == "push_route":
            page = session.page
            page.route = arguments["route"]
            event = {"route": page.route}
            self.events.append(self.loop.create_task(page._trigger_event("route_change", event)))
        error = None if self.keeps_things else "SecurityError: access is denied"
        session.handle_invoke_method_results(call.control_id, call.call_id, result, error)


class Screen:
    """A dashboard without a browser."""

    def __init__(self, browser: FakeBrowser, session: Session, refresh_loop: RefreshLoop) -> None:
        self.browser = browser
        self.session = session
        self.page = session.page
        self.refresh_loop = refresh_loop
        self.dashboard = DashboardSession(self.page, refresh_loop)

    def controls(self) -> Iterator[ft.BaseControl]:
        """Every control that is visible."""
        yield from walk(self.page.views[0])

    def texts(self) -> list[str]:
        """Every text that is visible."""
        found = [
            c.text if isinstance(c, ft.TextSpan) else c.value
            for c in self.controls()
            if isinstance(c, ft.Text | ft.TextSpan)
        ]
        return [text for text in found if text]

    def shows(self, text: str) -> bool:
        """Whether a text is visible somewhere."""
        return any(text in shown for shown in self.texts())

    async def press(self, label: str) -> None:
        """Press the control with this tooltip, or that holds this text."""
        for control in reversed(list(self.controls())):
            if getattr(control, "on_click", None) is None:
                continue
            held = [c.value for c in walk(control) if isinstance(c, ft.Text)]
            if label in (getattr(control, "tooltip", None), getattr(control, "content", None)) or (
                label in held
            ):
                await self.session.dispatch_event(control._i, "click", None)
                await self.browser.settle()
                return
        raise AssertionError(f"Nothing to press says {label!r}.")

    async def open(self, route: str) -> None:
        """Open a route."""
        await self.page.push_route(route)
        await self.browser.settle()

    async def resize(self, width: int) -> None:
        """Change the width of the window."""
        self.session.apply_page_patch({"width": width})
        await self.page._trigger_event("resize", {"width": width, "height": 800})


def walk(control: object) -> Iterator[ft.BaseControl]:
    """A control and everything in it, without what is hidden."""
    if isinstance(control, list | tuple):
        for item in control:
            yield from walk(item)
    elif isinstance(control, ft.BaseControl):
        if getattr(control, "visible", True) is False:
            return
        yield control
        if is_dataclass(control):
            for field in fields(control):
                if not field.name.startswith("_") and field.name not in {"parent", "data"}:
                    yield from walk(getattr(control, field.name, None))


def make_screen(frame: Frame, *, width: int = 1400, route: str = "/") -> Screen:
    """A dashboard that is to show this frame, once it is started."""

    async def take() -> Frame:
        return frame

    browser = FakeBrowser()
    session = browser.session = Session(browser)
    session.apply_page_patch({"route": route, "width": width, "platform_brightness": "dark"})
    body = RegisterClientResponseBody(session.id, session.get_page_patch(), "")
    browser.send_message(Message(MessageAction.REGISTER_CLIENT, body))
    _context_page.set(session.page)
    return Screen(browser, session, RefreshLoop(take, interval=3600))
