"""What examples on the pages of a generated project take for granted: modules of their reader's own, and pieces."""

REPORTS = """

async def reports_of(user_id: UUID) -> list[Report]:
    return [await make_report(user_id)]


async def send(request: BaseModel) -> None:
    with open("data/sent.txt", "a") as file:  # noqa: ASYNC230, PTH123
        file.write(f"{request.model_dump_json()}\\n")
"""
ORDERS = """

async def count_orders() -> int:
    return 7


async def cancel_order(number: int) -> None:
    cancelled.append(number)


async def status(order_id: int, owner: str) -> str:
    return f"order {order_id} of {owner}"


cancelled: list[int] = []
"""
TASKS = """\
from app.components.worker.tasks.send_report import send_report
from app.components.worker.tasks.send_reports import send_reports
"""
SEND_REPORTS = """\
from typing import Any

from app.services.reports import Report, send


async def send_reports(ctx: dict[str, Any]) -> None:
    await send(Report(title="all"))
"""
REMINDERS = """\
async def send_due_reminders() -> None:
    pass
"""
ROUTERS = """
from app.components.backend.api import reports, support

app.include_router(reports.router)
app.include_router(support.router)
"""
DASHBOARD = """\
from tests.dashboard.support import make_frame


async def test_the_page_is_shown(show) -> None:
    screen = await show(make_frame(), route="/orders")
    assert screen.shows("7")
"""
