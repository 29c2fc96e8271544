FROM node:22-slim AS dashboard

WORKDIR /src/dashboard
COPY dashboard/package.json dashboard/package-lock.json dashboard/.npmrc ./
RUN npm ci
COPY schema.graphql /src/
COPY docs/architecture.md /src/docs/
COPY dashboard ./
RUN npm run build


# The Python version that the tests use.
FROM python:3.11-slim AS build

ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /src
RUN python -m venv --without-pip /opt/orders

# Dependencies first, so that their layer is cached. All of them have wheels, so no compiler is needed.
COPY requirements.txt ./
RUN pip --python /opt/orders/bin/python install --require-hashes --only-binary :all: -r requirements.txt

# The build backend, pinned with its hash in requirements-dev.txt. It stays out of the final image.
COPY requirements-dev.txt ./
RUN sed -n '/^setuptools==/,/[^\\]$/p' requirements-dev.txt \
  | pip install --require-hashes --only-binary :all: -r /dev/stdin

COPY pyproject.toml README.md LICENSE ./
COPY cli cli
COPY gql gql
COPY --from=dashboard /src/gql/http/dashboard_files gql/http/dashboard_files
COPY orchestration orchestration
COPY persistence persistence
RUN pip wheel --no-deps --no-build-isolation --wheel-dir /wheel . \
 && pip --python /opt/orders/bin/python install --no-deps --no-index /wheel/*.whl


FROM python:3.11-slim

RUN useradd --system --uid 10001 --no-create-home --shell /usr/sbin/nologin orders
COPY --from=build /opt/orders /opt/orders
ENV PATH=/opt/orders/bin:$PATH PYTHONUNBUFFERED=1
USER orders
ENTRYPOINT ["orders"]
