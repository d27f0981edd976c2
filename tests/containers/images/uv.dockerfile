# As ghcr.io/astral-sh/uv: nothing but the program.
FROM scratch
COPY uv /uv
