from app.components.frontend.views.scheduler import SchedulerView

registry.add_card(
    Card(
        "scheduler",
        icon=ft.Icons.SCHEDULE_ROUNDED,
        figures=("jobs", "running", "failed", "next_run"),
        more=SchedulerView,
    )
)
