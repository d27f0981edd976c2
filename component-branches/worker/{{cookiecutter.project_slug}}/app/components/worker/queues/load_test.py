"""The queue of the load tests: they take nobody else's place."""

from arq import func

from app.components.worker.tasks.load_test import run_load_job, spread_load


class WorkerSettings:
    """As arq documents it. What it does not say is in `USUAL` of `app/components/worker/worker.py`."""

    functions = [
        func(spread_load, keep_result=0),
        func(run_load_job, keep_result=0, max_tries=1),
    ]
    max_tries = 3
