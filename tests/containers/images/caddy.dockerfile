# As caddy:2-alpine.
FROM debian:trixie-slim
RUN apt-get update \
    && apt-get install --yes --no-install-recommends libcap2-bin \
    && rm -r /var/lib/apt/lists/*
COPY --chmod=755 caddy /usr/bin/
RUN setcap cap_net_bind_service=+ep /usr/bin/caddy
ENV XDG_CONFIG_HOME=/config \
    XDG_DATA_HOME=/data
