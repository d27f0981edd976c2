ai,
