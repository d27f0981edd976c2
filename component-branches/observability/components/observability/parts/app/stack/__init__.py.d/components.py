observability,
