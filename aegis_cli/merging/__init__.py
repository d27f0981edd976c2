"""Three-way merging of file contents, and settling the hunks that have one right answer."""
