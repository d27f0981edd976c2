
@field_validator("DATABASE_URL")
@classmethod
def database_url_is_complete(cls, value: str) -> str:
    """Accept `postgres://` as some hosts write it."""
    scheme, separator, rest = value.partition("://")
    if not separator:
        raise ValueError("it is not like sqlite:///data/app.db")
    return f"{'postgresql' if scheme == 'postgres' else scheme}://{rest}"
