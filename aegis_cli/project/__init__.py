"""The user's project: its state, its checks, and merging into it."""
