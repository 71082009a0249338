# One image for every part; the command decides which. Dependencies come from the lock file, checked by hash.
FROM python:3.13-slim AS build
WORKDIR /build
# requirements-tracing.lock sends spans as well.
ARG LOCK=requirements.lock
COPY requirements.lock requirements-tracing.lock ./
RUN python -m venv /opt/hangarstack \
 && /opt/hangarstack/bin/pip install --no-cache-dir --disable-pip-version-check --require-hashes -r ${LOCK}
COPY pyproject.toml setup.cfg README.md LICENSE ./
COPY hangarstack ./hangarstack
RUN /opt/hangarstack/bin/pip install --no-cache-dir --disable-pip-version-check --no-deps --no-build-isolation .

FROM python:3.13-slim
RUN useradd --system --uid 10001 --home-dir /var/lib/hangarstack --create-home hangarstack
COPY --from=build /opt/hangarstack /opt/hangarstack
WORKDIR /srv/hangarstack
COPY contracts ./contracts
COPY migrations ./migrations
COPY data ./data
ENV PATH=/opt/hangarstack/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    HANGARSTACK_ROOT=/srv/hangarstack \
    HANGARSTACK_HOME=/var/lib/hangarstack \
    HANGARSTACK_LOG_FORMAT=json
USER hangarstack
VOLUME /var/lib/hangarstack
ENTRYPOINT ["hangarstack"]
CMD ["--help"]
