worker,
