"""The commands, by the groups of the help. Each parses its words, calls one operation, and shows the outcome."""
