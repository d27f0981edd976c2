"""The page of an error: what was asked, and where it went wrong."""

import flet as ft

from app.components.frontend import theme, widgets
from app.components.frontend.frame import Error, Figure
from app.components.frontend.registry import Context, View


class ErrorView(View):
    """An error stays on its page, also when so many followed that it is not kept any more."""

    def __init__(self, context: Context, error: Error) -> None:
        def back(_event: object) -> None:
            context.go("/activity")

        figures = widgets.FigureTable()
        figures.show(figures_of(error))
        trace = widgets.mono(error.traceback or "There is none.", size=12)
        trace.no_wrap = True
        super().__init__(
            ft.Column(
                [
                    ft.TextButton("Activity", icon=ft.Icons.ARROW_BACK_ROUNDED, on_click=back),
                    ft.Row(
                        [
                            ft.Icon(ft.Icons.ERROR_ROUNDED, size=28, color=theme.BAD),
                            widgets.heading(error.kind),
                        ],
                        spacing=14,
                        wrap=True,
                        vertical_alignment=ft.CrossAxisAlignment.CENTER,
                    ),
                    ft.Text(error.message or "No message", size=14, color=theme.TEXT),
                    widgets.titled_panel("What happened", figures.content, col=12),
                    widgets.titled_panel(
                        "Traceback", ft.Row([trace], scroll=ft.ScrollMode.AUTO), col=12
                    ),
                ],
                spacing=16,
            )
        )


def figures_of(error: Error) -> list[Figure]:
    """What is known of the request, or of what else failed."""
    found = [
        Figure("when", "When", error.when),
        Figure("source", "Where", error.source),
        Figure("status", "Answered with", error.status),
        Figure("request", "Request id", error.request_id),
    ]
    return [figure for figure in found if figure.value]
