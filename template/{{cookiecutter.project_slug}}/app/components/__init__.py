"""Thin layers that handle a request, a job, a task or a view, and call a service."""
