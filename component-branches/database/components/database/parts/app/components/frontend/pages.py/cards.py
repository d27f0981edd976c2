from app.components.frontend.views.database import DatabaseView

registry.add_card(
    Card(
        "database",
        icon=ft.Icons.STORAGE_ROUNDED,
        figures=("ping_ms", "size_bytes", "tables", "pending_migrations"),
        more=DatabaseView,
    )
)
