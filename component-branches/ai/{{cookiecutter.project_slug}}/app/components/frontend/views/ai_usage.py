"""What the assistant's page in the overview shows besides its health: usage and cost."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal

import flet as ft

from app.components.frontend import formatting, theme, widgets
from app.components.frontend.frame import Figure
from app.components.frontend.registry import Changes, Context, LookingView
from app.services.ai import UsageRow
from app.services.ai.usage import Sums, sums, used_since

DAYS = 30
WIDTH, HEIGHT = 600, 120
TOKENS_COLOUR, COST_COLOUR = "#6d7cff", "#1fa58c"


class UsageView(LookingView):
    """Tokens and cost of each day, and of each model."""

    seconds = 5.0

    def __init__(self, context: Context) -> None:
        self._tokens = Bars("Tokens a day")
        self._cost = Bars("Cost a day")
        self._models = widgets.FigureTable()
        self._users = widgets.FigureTable()
        super().__init__(
            widgets.tiles(
                self._tokens.content,
                self._cost.content,
                widgets.titled_panel("By model", self._models.content),
                widgets.titled_panel("By user", self._users.content),
            )
        )

    async def look(self, changes: Changes) -> None:
        """Add up what was used."""
        since, rows = await used_since(DAYS)
        days = by_day(since, rows)
        tokens = [float(day.tokens) for day in days]
        cost = [float(day.cost) for day in days]
        self._tokens.show(tokens, formatting.number(sum(tokens)), TOKENS_COLOUR, changes)
        self._cost.show(cost, f"$ {sum(cost):.4f}", COST_COLOUR, changes)
        models = sums(rows, lambda row: f"{row.provider}:{row.model}")
        self._models.show(figures(models), changes)
        self._users.show(figures(sums(rows, lambda row: row.user_id or "operators")), changes)


class Bars:
    """A sum, and how the days contributed."""

    def __init__(self, title: str) -> None:
        self._value = ft.Text(
            size=24, weight=ft.FontWeight.W_600, color=theme.TEXT, font_family=theme.MONO
        )
        self._picture = ft.Image(
            src=bars([], ""),
            height=84,
            fit=ft.BoxFit.FILL,
            semantics_label=f"{title}, the last {DAYS} days",
        )
        self.content = widgets.panel(
            ft.Column(
                [
                    widgets.soft(title),
                    self._value,
                    ft.Row([ft.Container(self._picture, expand=True)]),
                    widgets.soft(f"The last {DAYS} days (UTC)", size=12),
                ],
                spacing=6,
            ),
            col={"xs": 12, "md": 6},
            padding=16,
        )

    def show(self, values: Sequence[float], total: str, colour: str, changes: Changes) -> None:
        """Show values."""
        changes.set(self._value, value=total)
        changes.set(self._picture, src=bars(values, colour))


def by_day(since: date, rows: Sequence[UsageRow]) -> list[Sums]:
    """One entry for each day, also for those on which nothing was used."""
    found = sums(rows, lambda row: row.day.isoformat())
    days = [(since + timedelta(days=number)).isoformat() for number in range(DAYS)]
    return [found.get(day, Sums(0, 0, Decimal(0))) for day in days]


def figures(found: dict[str, Sums]) -> list[Figure]:
    """Sums in words."""
    return [
        Figure(
            name, name, f"{total.answers:,} answers, {total.tokens:,} tokens, $ {total.cost:.4f}"
        )
        for name, total in found.items()
    ]


def bars(values: Sequence[float], colour: str) -> str:
    """A bar for each value as SVG, the latest at the right edge."""
    top = max(values, default=0.0) or 1.0
    step = WIDTH / max(len(values), 1)
    drawn = "".join(
        f'<rect x="{step * index + 2:.0f}" y="{HEIGHT - height}" '
        f'width="{step - 4:.0f}" height="{height}" fill="{colour}"/>'
        for index, value in enumerate(values)
        if (height := round((HEIGHT - 4) * value / top))
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
        f'preserveAspectRatio="none"><path d="M0 {HEIGHT - 1}H{WIDTH}" stroke="#8a94a6" '
        f'stroke-opacity="0.4"/>{drawn}</svg>'
    )
