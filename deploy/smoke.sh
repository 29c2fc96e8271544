#!/usr/bin/env bash
# Builds the image, starts docker-compose.yml and then docker-compose.production.yml, and completes one
# order on each. Needs Docker with Compose, and the ports 5432, 7233, 8000 and 8233. Removes the containers
# and volumes that it created, under project names of its own.
set -euo pipefail
cd "$(dirname "$0")/.."

if ! docker compose version >/dev/null 2>&1 || ! docker info >/dev/null 2>&1; then
    echo "This needs a running Docker engine with Compose." >&2
    exit 2
fi

compose=()
finish() {
    local code=$?
    ((code == 0)) || "${compose[@]}" logs --tail 50 >&2
    "${compose[@]}" down --volumes
    exit "$code"
}
trap finish EXIT

echo "== development"
compose=(docker compose --project-name orders-smoke-development --file docker-compose.yml)
"${compose[@]}" up --build --detach --wait --wait-timeout 300
"${compose[@]}" exec -T api orders demo --url http://127.0.0.1:8000
"${compose[@]}" down --volumes

echo "== production"
DB_PASSWORD=$(openssl rand -hex 24)
SERVICE_DB_PASSWORD=$(openssl rand -hex 24)
TEMPORAL_DB_PASSWORD=$(openssl rand -hex 24)
export DB_PASSWORD SERVICE_DB_PASSWORD TEMPORAL_DB_PASSWORD
compose=(docker compose --project-name orders-smoke-production --file docker-compose.production.yml)
"${compose[@]}" build
"${compose[@]}" run --rm migrate
token=$("${compose[@]}" run --rm migrate keys create smoke | tail -n 1)
"${compose[@]}" up --detach --wait --wait-timeout 300
"${compose[@]}" exec -T --env ORDERS_TOKEN="$token" api orders demo --url http://127.0.0.1:8000

echo "== passed"
