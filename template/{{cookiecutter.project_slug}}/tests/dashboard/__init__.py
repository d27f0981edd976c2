"""Tests of the dashboard: view models, pages in process, gate and protocol."""
