"""Business logic: plain Python without FastAPI or Flet, testable without a server."""
