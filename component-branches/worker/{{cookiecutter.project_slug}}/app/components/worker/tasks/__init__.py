"""What workers can do. A task is thin: it checks what it was given, and calls a service."""
