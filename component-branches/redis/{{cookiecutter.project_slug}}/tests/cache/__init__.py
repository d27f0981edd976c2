"""Tests of Redis and of what uses it (a folder called `redis` would hide the library)."""
