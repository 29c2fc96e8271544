import type { OrderCommand, VerdictFragment } from "../generated/graphql";
import { COMMAND_LABELS, enumLabel } from "../ui/format";

interface VerdictText {
  tone: "success" | "warning" | "error";
  text: string;
}

export function describeVerdict(command: OrderCommand, verdict: VerdictFragment): VerdictText {
  const name = COMMAND_LABELS[command];
  switch (verdict.__typename) {
    case "CommandApplied":
      return { tone: "success", text: `${name}: done${verdict.replayed ? " by an earlier request" : ""}.` };
    case "CommandPending":
      return { tone: "warning", text: `${name}: pending. The command is stored and will be processed when a worker is available.` };
    case "CommandRefused":
      return { tone: "error", text: `${name}: refused in state ${enumLabel(verdict.state)}. ${verdict.message}` };
    case "CommandConflict":
    case "OrderNotFound":
    case "InvalidInput":
      return { tone: "error", text: `${name}: ${verdict.message}` };
  }
}
