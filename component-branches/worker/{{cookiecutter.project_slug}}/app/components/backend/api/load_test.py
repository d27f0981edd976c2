"""Load tests of the workers, for operators: whoever can start one can keep the workers busy."""

from fastapi import Depends

from app.components.backend.api.deps import require_operator
from app.components.backend.api.router import ComponentRouter
from app.core.constants import API_PREFIX
from app.services.load_test import (
    LoadTest,
    LoadTestReport,
    LoadTestRequest,
    read_report,
    start_load_test,
)

router = ComponentRouter(
    prefix=f"{API_PREFIX}/load-test",
    tags=["load test"],
    dependencies=[Depends(require_operator)],
)


@router.post("", status_code=202, summary="Start a load test")
async def start(request: LoadTestRequest) -> LoadTest:
    """Enqueue many jobs of a kind. One test runs at a time."""
    return await start_load_test(request)


@router.get("/{test_id}", summary="Progress and result of a load test")
async def report(test_id: str) -> LoadTestReport:
    """How many jobs have ended, how many failed, and how long they took."""
    return await read_report(test_id)
