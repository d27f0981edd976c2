"""The overview: how everything is doing, at a glance."""

import flet as ft

from app.components.frontend import theme, widgets
from app.components.frontend.frame import Frame
from app.components.frontend.registry import Changes, Context, View
from app.components.frontend.views.component_card import ComponentCards

RECENT_REQUESTS = 8
RECENT_ERRORS = 3


class OverviewView(View):
    """Charts, a card for every component, and what happened lately."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._pill = widgets.StatePill()
        self._headline = widgets.soft(size=14)
        self._facts = widgets.soft(size=12)
        self._facts.font_family = theme.MONO
        self._alerts = ft.Column(spacing=8)
        self._charts = widgets.tiles()
        self._cards = ComponentCards(context)
        self._requests = widgets.RequestList(RECENT_REQUESTS)
        self._errors = widgets.ErrorList(RECENT_ERRORS, context.go)
        self._chart_tiles: dict[str, widgets.ChartTile] = {}
        self._alert_rows: dict[str, ft.Control] = {}
        super().__init__(self._build())

    def _build(self) -> ft.Control:
        def more(_event: object) -> None:
            self._context.go("/activity")

        return ft.Column(
            [
                ft.Row([widgets.heading("Overview"), self._pill.content], spacing=14, wrap=True),
                ft.Column([self._headline, self._facts], spacing=4),
                self._alerts,
                self._charts,
                widgets.part_heading("Components"),
                self._cards.content,
                ft.Row(
                    [
                        widgets.part_heading("Activity"),
                        ft.TextButton("Show all", on_click=more),
                    ],
                    alignment=ft.MainAxisAlignment.SPACE_BETWEEN,
                    vertical_alignment=ft.CrossAxisAlignment.END,
                ),
                widgets.tiles(
                    widgets.panel(
                        _titled("Recent requests", self._requests.content),
                        col={"xs": 12, "lg": 7},
                    ),
                    widgets.panel(
                        _titled("Recent errors", self._errors.content),
                        col={"xs": 12, "lg": 5},
                    ),
                ),
            ],
            spacing=16,
        )

    async def show(self, frame: Frame, changes: Changes) -> None:
        """Show a frame."""
        self._pill.show(frame.state, changes)
        changes.set(self._headline, value=frame.headline)
        facts = "   ".join(f"{fact.label} {fact.value}" for fact in frame.facts)
        changes.set(self._facts, value=facts)
        self._show_alerts(frame, changes)
        self._show_charts(frame, changes)
        self._cards.show(frame, changes)
        self._requests.show(frame.requests, changes)
        self._errors.show(frame.errors, changes)

    def _show_alerts(self, frame: Frame, changes: Changes) -> None:
        rows = {text: self._alert_rows.get(text) or alert(text) for text in frame.alerts}
        self._alert_rows = rows
        changes.set_controls(self._alerts, list(rows.values()))
        changes.set(self._alerts, visible=bool(rows))

    def _show_charts(self, frame: Frame, changes: Changes) -> None:
        for chart in frame.charts:
            if chart.title not in self._chart_tiles:
                self._chart_tiles[chart.title] = widgets.ChartTile(chart)
            self._chart_tiles[chart.title].show(chart, changes)
        tiles: list[ft.Control] = [tile.content for tile in self._chart_tiles.values()]
        changes.set_controls(self._charts, tiles)


def alert(text: str) -> ft.Control:
    """A line that is hard to miss."""
    return ft.Container(
        content=ft.Row(
            [
                ft.Icon(ft.Icons.WARNING_ROUNDED, size=18, color=theme.WARNING),
                ft.Text(text, size=14, color=theme.TEXT, expand=True),
            ],
            spacing=10,
        ),
        bgcolor=theme.tint(theme.WARNING),
        border_radius=12,
        padding=ft.Padding.symmetric(horizontal=16, vertical=12),
    )


def _titled(text: str, content: ft.Control) -> ft.Control:
    return ft.Column([widgets.soft(text), content], spacing=12)
