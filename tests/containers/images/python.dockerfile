# As python:3.14-slim: Debian trixie with a CPython 3.14 whose command is `python`. Debian has that one in forky.
FROM debian:trixie-slim
RUN echo "deb [check-valid-until=no] http://deb.debian.org/debian forky main" > /etc/apt/sources.list.d/forky.list \
    && apt-get update \
    && apt-get install --yes --no-install-recommends python3.14/forky \
    && ln -s /usr/bin/python3.14 /usr/local/bin/python3 \
    && ln -s python3 /usr/local/bin/python \
    && rm -r /etc/apt/sources.list.d/forky.list /var/lib/apt/lists/*
# Those whom the machine trusts: what its uv reaches the one in here reaches as well.
COPY authorities.pem /etc/ssl/authorities.pem
ENV SSL_CERT_FILE=/etc/ssl/authorities.pem
CMD ["python3"]
