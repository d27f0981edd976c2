"""What leaves this process, for those who watch it. Each module is imported only when a setting asks for it."""
