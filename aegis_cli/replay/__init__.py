"""The vendor branch: the template's history, projected into the user's repository."""
