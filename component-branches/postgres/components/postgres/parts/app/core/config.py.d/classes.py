PostgresSettings,
