"""The template: where it comes from, what it offers, and how it becomes files."""
