"""Aegis Stack: start a Python application from a template, and let both evolve."""
