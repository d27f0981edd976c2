scheduler,
