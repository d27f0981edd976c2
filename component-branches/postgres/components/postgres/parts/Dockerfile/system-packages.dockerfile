# pg_dump and pg_restore for backups: version 17, or newer on a newer base image.
RUN apt-get update \
    && apt-get install --yes --no-install-recommends postgresql-client \
    && rm -rf /var/lib/apt/lists/*
