from app.components.frontend.views.worker import WorkerView

registry.add_card(
    Card(
        "worker",
        icon=ft.Icons.ENGINEERING_ROUNDED,
        figures=("workers", "waiting", "running", "failed_within_an_hour"),
        more=WorkerView,
    )
)
