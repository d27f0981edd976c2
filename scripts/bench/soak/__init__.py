"""The full stack of a generated project under mixed load, while its servers are killed at random instants."""
