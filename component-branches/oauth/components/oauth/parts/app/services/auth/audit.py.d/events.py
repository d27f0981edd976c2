IDENTITY_LINKED = "identity_linked"
IDENTITY_UNLINKED = "identity_unlinked"
