"""What is around jobs."""

import pytest

from app.core.jobs import JobRun, Outcome, running


class Again(Exception):
    """Once more."""


@pytest.mark.parametrize(
    ("error", "outcome"), [(None, "done"), (Again(), "again"), (ValueError("no"), "failed")]
)
def test_components_see_what_becomes_of_a_job(
    error: Exception | None, outcome: Outcome, seen_jobs: list[tuple[str, str, Outcome]]
) -> None:
    def work() -> None:
        with running(JobRun("send", "system", again=(Again,))):
            if error is not None:
                raise error

    if error is None:
        work()
    else:
        with pytest.raises(type(error)):
            work()
    assert seen_jobs == [("system", "send", outcome)]
