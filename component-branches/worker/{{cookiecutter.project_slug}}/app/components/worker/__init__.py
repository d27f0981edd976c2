"""Work that may take a while. `app/core/queues.py` lists the queues, `queues/` what they can do."""
