"""Routes: each handles a request, calls a service and returns."""
