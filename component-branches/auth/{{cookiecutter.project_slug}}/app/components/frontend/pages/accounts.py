"""Accounts, their sessions, and what happened."""

from collections.abc import Awaitable, Callable, Sequence
from uuid import UUID

import flet as ft

from app.components.frontend import formatting, theme, widgets
from app.components.frontend.door import viewer
from app.components.frontend.registry import Changes, Context, LookingView
from app.core.errors import AppError
from app.core.explain import error_line
from app.models.auth import AuthEvent
from app.models.user import User
from app.services.auth import Client, administration, audit
from app.services.auth.sessions import count_sessions

SHOWN = 50
EVENTS = 30
DASHBOARD = Client("dashboard")


class AccountsView(LookingView):
    """Looks every few seconds; what is pressed happens at once."""

    def __init__(self, context: Context) -> None:
        self._rows: dict[UUID, AccountRow] = {}
        self._search = ft.TextField(
            label="Search",
            hint_text="A part of the address or the name",
            dense=True,
            max_length=100,
            on_change=self._on_search,
        )
        self._summary = widgets.soft()
        self._problem = widgets.soft()
        self._problem.visible = False
        self._problem.color = theme.BAD
        self._list = ft.Column(spacing=0)
        self._events = widgets.mono(size=12)
        self._events.style = ft.TextStyle(height=1.9)
        accounts = ft.Column(
            [widgets.section("Accounts"), self._search, self._summary, self._list], spacing=12
        )
        happened = ft.Column([widgets.section("Audit log"), self._events], spacing=12)
        super().__init__(
            ft.Column(
                [
                    widgets.heading("Accounts"),
                    widgets.soft("Who has an account, who is signed in, and what happened (UTC)."),
                    self._problem,
                    widgets.tiles(
                        widgets.panel(accounts, col={"xs": 12, "xxl": 7}),
                        widgets.panel(happened, col={"xs": 12, "xxl": 5}),
                    ),
                ],
                spacing=16,
            )
        )

    async def look(self, changes: Changes) -> None:
        """Look the accounts up."""
        try:
            page = await administration.list_users(self._search.value or "", limit=SHOWN)
            sessions = await count_sessions()
            events = await audit.list_events(limit=EVENTS)
        except Exception as error:
            changes.set(self._problem, value=error_line(error), visible=True)
            return
        changes.set(self._problem, visible=False)
        more = f", {SHOWN} of them shown" if page.total > SHOWN else ""
        accounts = formatting.many(page.total, "account")
        text = f"{accounts}{more}; {formatting.many(sum(sessions.values()), 'session')}"
        changes.set(self._summary, value=text)
        self._rows = {
            user.id: self._rows.get(user.id) or AccountRow(user.id, self._act)
            for user in page.users
        }
        changes.set_controls(self._list, [row.content for row in self._rows.values()])
        for user in page.users:
            self._rows[user.id].show(user, sessions.get(user.id, 0), changes)
        names = {user.id: user.email for user in page.users}
        lines = event_lines(events, names)
        changes.set(self._events, value="\n".join(lines) or "Nothing has happened yet.")

    async def _on_search(self, _event: object) -> None:
        self.look_again()

    async def _act(self, work: Awaitable[object]) -> None:
        """Do what somebody pressed, and say why it did not work."""
        try:
            await work
        except AppError as error:
            self._problem.value, self._problem.visible = error.detail, True
            self._problem.update()
            # Long enough to be read.
            self.look_again(2 * self.seconds)
            return
        self.look_again()


class AccountRow:
    """An account with what can be done about it."""

    def __init__(self, user_id: UUID, act: Callable[[Awaitable[object]], Awaitable[None]]) -> None:
        self._user_id = user_id
        self._act = act
        self._is_active = True
        self._name = ft.Text(size=13, color=theme.TEXT, selectable=True)
        self._about = widgets.soft(size=12)
        self._end = ft.IconButton(
            icon=ft.Icons.LOGOUT_ROUNDED,
            icon_size=18,
            tooltip="End all sessions",
            on_click=self._on_end,
        )
        self._switch = ft.IconButton(icon_size=18, on_click=self._on_switch)
        texts = ft.Column([self._name, self._about], spacing=0, expand=True)
        self.content = ft.Container(
            ft.Row([texts, self._end, self._switch], spacing=4),
            padding=ft.Padding.symmetric(vertical=6),
            border=ft.Border.only(bottom=ft.BorderSide(1, theme.LINE)),
        )

    def show(self, user: User, sessions: int, changes: Changes) -> None:
        """Show an account."""
        self._is_active = user.is_active
        state = "active" if user.is_verified else "not confirmed"
        state = state if user.is_active else "deactivated"
        last = f"{user.last_login_at:%d %b %Y, %H:%M}" if user.last_login_at else "never"
        title = f"{user.email}  {user.full_name}".rstrip()
        changes.set(self._name, value=title, color=theme.TEXT if user.is_active else theme.SOFT)
        factor = "second factor" if user.second_factor_at else "password alone"
        open_ones = formatting.many(sessions, "session")
        about = f"{user.role}, {state}, {factor}, {open_ones}, last login: {last}"
        changes.set(self._about, value=about)
        changes.set(self._end, disabled=sessions == 0)
        if user.is_active:
            changes.set(self._switch, icon=ft.Icons.BLOCK_ROUNDED, tooltip="Deactivate")
        else:
            changes.set(self._switch, icon=ft.Icons.CHECK_ROUNDED, tooltip="Activate")

    async def _on_end(self, _event: object) -> None:
        work = administration.end_sessions(self._user_id, client=DASHBOARD, actor_id=actor())
        await self._act(work)

    async def _on_switch(self, _event: object) -> None:
        await self._act(
            administration.set_active(
                self._user_id, not self._is_active, client=DASHBOARD, actor_id=actor()
            )
        )


def actor() -> UUID | None:
    """Who pressed it, for the audit log."""
    found = viewer.get()
    return UUID(found.key) if found is not None and found.key else None


def event_lines(events: Sequence[AuthEvent], names: dict[UUID, str]) -> list[str]:
    """Each event in a line, in columns."""

    def who(event: AuthEvent) -> str:
        if event.user_id is None:
            return formatting.NOTHING
        return names.get(event.user_id, str(event.user_id)[:8])

    width = max((len(who(event)) for event in events), default=0)
    return [
        f"{event.at:%d %b %H:%M:%S}  {event.name:<20} {who(event):<{width}}  {event.address}".rstrip()
        for event in events
    ]
