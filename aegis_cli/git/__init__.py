"""The one place where git runs."""
