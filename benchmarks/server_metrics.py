"""Requests that the embedded Temporal server handles, from the metrics that it serves."""

from __future__ import annotations

import re
from collections import Counter
from contextlib import suppress

import httpx
import psutil

# Polls are left out, because workers also poll while nothing happens.
_SAMPLES = {
    "requests between services": re.compile(
        r'^service_requests\{.*operation="(?!Poll).*\} (.+)$', re.MULTILINE
    ),
    "writes of a workflow's state": re.compile(
        r'^persistence_requests\{.*operation="(?:Create|Update)WorkflowExecution".*\} (.+)$',
        re.MULTILINE,
    ),
}


class ServerMetrics:
    def __init__(self, server: psutil.Process) -> None:
        self._url = _metrics_url(server)

    def read(self) -> Counter[str]:
        """Return how many requests of each kind the server has handled so far."""
        text = httpx.get(self._url, trust_env=False).text
        return Counter({
            name: round(sum(map(float, samples.findall(text))))
            for name, samples in _SAMPLES.items()
        })


def _metrics_url(server: psutil.Process) -> str:
    """Find the port, which the development server chooses itself. Raises RuntimeError."""
    for connection in server.net_connections("tcp4"):
        if connection.status == psutil.CONN_LISTEN:
            url = f"http://127.0.0.1:{connection.laddr.port}/metrics"
            with suppress(httpx.HTTPError):
                if "service_requests" in httpx.get(url, trust_env=False).text:
                    return url
    raise RuntimeError("the Temporal server serves no metrics")
