auth,
