# The monitor as a container: the state in /data, one process, no root, nothing written outside /data and /tmp.
#
#   docker build -t balkan-cyber-monitor .
#   docker run -d --init --read-only --tmpfs /tmp -v monitor-data:/data balkan-cyber-monitor
#
# A configuration of your own: -v ./config:/config:ro -e MONITOR_CONFIG=/config
ARG BASE=python:3.12-slim-bookworm

FROM ${BASE} AS build
WORKDIR /src
RUN python -m venv --without-pip /opt/monitor
COPY pyproject.toml constraints.txt README.md LICENSE ./
COPY config config
COPY migrations migrations
COPY monitor monitor
# Wheels only: nothing is compiled, so neither stage needs a compiler.
RUN python -m pip --python /opt/monitor/bin/python install --no-cache-dir --disable-pip-version-check --root-user-action=ignore \
    --only-binary=:all: -c constraints.txt . \
 && /opt/monitor/bin/python -m compileall -q /opt/monitor/lib

FROM ${BASE}
LABEL org.opencontainers.image.title="balkan-cyber-monitor" \
      org.opencontainers.image.description="Recognises cyberattacks on institutions in the Balkans in the news, and alerts once" \
      org.opencontainers.image.licenses="Apache-2.0"
RUN useradd --uid 10001 --user-group --no-create-home --home-dir /data --shell /usr/sbin/nologin monitor \
 && install -d -o monitor -g monitor -m 750 /data
COPY --from=build /opt/monitor /opt/monitor
ENV PATH=/opt/monitor/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    MONITOR_DATABASE_URL=sqlite:////data/monitor.db
USER monitor
WORKDIR /data
VOLUME /data
# The daemon ends by itself within clock.grace (7 s) and a second; docker stop waits 10 s before it kills.
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=60s --timeout=20s --start-period=90s --retries=3 CMD ["monitor", "health"]
CMD ["monitor", "run"]
