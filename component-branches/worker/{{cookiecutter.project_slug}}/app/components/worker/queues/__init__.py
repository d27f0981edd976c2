"""One module for each queue, with arq's `WorkerSettings`. `app/core/queues.py` lists them."""
