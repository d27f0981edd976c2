oauth,
