"""Builders that tests share, named for what they make."""
