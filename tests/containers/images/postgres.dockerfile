# As postgres:17-alpine: its folder belongs to `postgres`, and an empty one becomes a cluster.
FROM debian:trixie-slim
RUN apt-get update \
    && apt-get install --yes --no-install-recommends postgresql-17 \
    && rm -r /var/lib/apt/lists/* \
    && install --directory --owner postgres --group postgres --mode 1777 /var/lib/postgresql/data \
    && echo "listen_addresses = '*'" >> /usr/share/postgresql/17/postgresql.conf.sample
COPY --chmod=755 postgres.sh /usr/local/bin/
ENV PATH=/usr/lib/postgresql/17/bin:$PATH \
    LANG=C.UTF-8 \
    PGDATA=/var/lib/postgresql/data
VOLUME /var/lib/postgresql/data
STOPSIGNAL SIGINT
ENTRYPOINT ["postgres.sh"]
CMD ["postgres"]
