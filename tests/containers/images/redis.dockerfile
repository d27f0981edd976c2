# As redis:7-alpine: its folder belongs to `redis`, and others may connect.
FROM debian:trixie-slim
RUN apt-get update \
    && apt-get install --yes --no-install-recommends redis-server \
    && rm -r /var/lib/apt/lists/* \
    && install --directory --owner redis --group redis /data
VOLUME /data
WORKDIR /data
ENTRYPOINT ["sh", "-c", "exec \"$@\" --protected-mode no", "redis"]
CMD ["redis-server"]
