
# PostgreSQL
DATABASE_CONNECT_TIMEOUT_SECONDS: Annotated[int, Field(ge=2, le=60)] = 5
DATABASE_STATEMENT_TIMEOUT_SECONDS: Annotated[float, Field(ge=0)] = 60.0
DATABASE_POOL_RECYCLE_SECONDS: Annotated[int, Field(ge=-1)] = 1800
