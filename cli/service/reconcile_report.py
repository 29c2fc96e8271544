"""What a reconciliation found, as text, JSON, log lines and the workflow's result."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from enum import StrEnum

import orjson

from orchestration.messages import ReconcileSummary

_log = logging.getLogger(__name__)

_MAX_LOGGED = 100


class FindingKind(StrEnum):
    WORKFLOW_CLOSED = "WORKFLOW_CLOSED"
    WORKFLOW_MISSING = "WORKFLOW_MISSING"
    WORKFLOW_STUCK = "WORKFLOW_STUCK"
    ROW_MISSING = "ROW_MISSING"
    PAYMENT_DIFFERS = "PAYMENT_DIFFERS"
    CHECK_FAILED = "CHECK_FAILED"


class Outcome(StrEnum):
    """What became of a finding. UNRESOLVED needs a person; POSTPONED waits for the next run."""

    REPAIRED = "REPAIRED"
    REPAIRABLE = "REPAIRABLE"
    POSTPONED = "POSTPONED"
    UNRESOLVED = "UNRESOLVED"


@dataclass(frozen=True)
class Finding:
    order_id: str
    kind: FindingKind
    outcome: Outcome
    message: str


@dataclass(frozen=True)
class Report:
    findings: list[Finding]

    @property
    def all_repaired(self) -> bool:
        return all(finding.outcome is Outcome.REPAIRED for finding in self.findings)

    def summary(self) -> ReconcileSummary:
        open_findings = [f for f in self.findings if f.outcome is not Outcome.REPAIRED]
        return ReconcileSummary(
            findings=len(self.findings),
            repaired=len(self.findings) - len(open_findings),
            unresolved=[f"{f.kind}: {f.message}" for f in open_findings[:_MAX_LOGGED]],
        )

    def as_text(self) -> str:
        if not self.findings:
            return "No differences found."
        return "\n".join(f"{found.outcome}: {found.message}" for found in self.findings)

    def as_json(self) -> str:
        findings = [
            {
                "orderId": found.order_id,
                "kind": found.kind,
                "outcome": found.outcome,
                "message": found.message,
            }
            for found in self.findings
        ]
        return orjson.dumps({"findings": findings}, option=orjson.OPT_INDENT_2).decode()

    def log(self) -> None:
        """Write one log line per finding, at most 100, those that need a person first."""
        ranked = sorted(self.findings, key=lambda f: f.outcome is not Outcome.UNRESOLVED)
        for finding in ranked[:_MAX_LOGGED]:
            level = logging.WARNING if finding.outcome is Outcome.REPAIRED else logging.ERROR
            extra = {
                "order_id": finding.order_id,
                "kind": finding.kind,
                "outcome": finding.outcome,
            }
            _log.log(level, "reconcile: %s", finding.message, extra=extra)
        if len(ranked) > _MAX_LOGGED:
            more = len(ranked) - _MAX_LOGGED
            _log.error("reconcile: %d more findings. Run `orders reconcile --dry-run`.", more)
