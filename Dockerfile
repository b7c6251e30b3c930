# One image for every service; the command says which: `serve ingest`, `serve correlator`,
# `serve dispatcher`, `serve console`, `up`, `topics`. It holds no district pack: mount one, or build
# an image on this one that copies it to /etc/jiaoying/pack.

FROM python:3.11.13-slim-bookworm AS build
# The same uv as scripts/uv makes.
RUN pip install --no-cache-dir uv==0.13.9
ENV UV_PYTHON_DOWNLOADS=never UV_LINK_MODE=copy UV_COMPILE_BYTECODE=1 UV_PROJECT_ENVIRONMENT=/opt/jiaoying
WORKDIR /build
# What is locked changes rarely, our own code often: two layers.
COPY pyproject.toml uv.lock README.md LICENSE ./
RUN uv sync --frozen --no-dev --extra traces --no-install-project
COPY schemas schemas
COPY services services
RUN uv sync --frozen --no-dev --extra traces --no-editable

FROM python:3.11.13-slim-bookworm
LABEL org.opencontainers.image.title="Jiaoying" org.opencontainers.image.licenses="Apache-2.0"
# A mounted volume takes over who owns the folder that it is mounted on.
RUN useradd --system --uid 10001 --home-dir /var/lib/jiaoying --shell /usr/sbin/nologin jiaoying \
    && install --directory --owner=jiaoying --mode=0700 /var/lib/jiaoying /var/lib/jiaoying/secrets
COPY --from=build /opt/jiaoying /opt/jiaoying
ENV PATH=/opt/jiaoying/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
USER 10001
WORKDIR /var/lib/jiaoying
EXPOSE 8080
HEALTHCHECK --interval=5s --timeout=3s --start-period=60s --retries=3 \
    CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:8080/healthz', timeout=2)"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["jiaoying"]
CMD ["--help"]
