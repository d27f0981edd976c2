"""Pages that only say something."""

import flet as ft

from app.components.frontend import widgets
from app.components.frontend.registry import Context, View


class MessageView(View):
    """A page that only says something."""

    def __init__(self, context: Context, title: str, text: str) -> None:
        def back(_event: object) -> None:
            context.go("/")

        super().__init__(
            ft.Column(
                [
                    widgets.heading(title),
                    widgets.soft(text, size=14),
                    ft.FilledButton("Open the overview", on_click=back),
                ],
                spacing=16,
            )
        )


def missing(context: Context) -> View:
    """There is nothing at this route."""
    text = "It may have been there before a component was removed."
    return MessageView(context, "There is no such page", text)


def forgotten(context: Context) -> View:
    """There is no such error, or so many followed that it is not kept any more."""
    text = "Only the latest errors of this process are kept. The logs have this one under its request id."
    return MessageView(context, "This error is not here any more", text)


def failed(context: Context) -> View:
    """The page raised an exception. Strangers may look over the shoulder, so it is in the logs."""
    text = "The logs say why. Opening it again tries again."
    return MessageView(context, "This page failed", text)
