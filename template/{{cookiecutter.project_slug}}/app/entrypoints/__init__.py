"""One module per process."""
