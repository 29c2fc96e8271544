"""Logging to stderr, one JSON object per line."""

from __future__ import annotations

import logging
import sys
from datetime import UTC, datetime

import orjson

# Attributes of every record, and the colored message that uvicorn adds.
_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {
    "asctime",
    "color_message",
    "message",
    "taskName",
}

# Loggers whose INFO records are internal: opened connections, inspected migrations.
_VERBOSE_LOGGERS = ("alembic.runtime", "uvicorn.error")


class JsonLines(logging.Formatter):
    """Includes what was passed as ``extra``, such as order IDs and durations."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        line |= {name: value for name, value in vars(record).items() if name not in _STANDARD}
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        # Other types are written with str(), which masks a SecretStr.
        return orjson.dumps(line, default=str, option=orjson.OPT_NON_STR_KEYS).decode()


def log_to_stderr(level: str) -> None:
    """Send all records of this process to stderr only, from the given level on."""
    # The lines show neither threads and processes nor the source line, which logging would look up
    # for each record. Python's "Logging HOWTO" names these settings.
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
    logging._srcfile = None  # ruff: ignore[private-member-access] - see above
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    logging.basicConfig(level=level, handlers=[handler], force=True)
    logging.captureWarnings(capture=True)
    for name in _VERBOSE_LOGGERS:
        logging.getLogger(name).setLevel(logging.WARNING)
