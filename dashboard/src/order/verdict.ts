import type { OrderCommand, VerdictFragment } from "../generated/graphql";
import { COMMAND_NAMES, inWords } from "../ui/words";

interface Said {
  tone: "good" | "wait" | "problem";
  text: string;
}

/** What became of a command, in a sentence. */
export function inSentence(command: OrderCommand, verdict: VerdictFragment): Said {
  const name = COMMAND_NAMES[command];
  switch (verdict.__typename) {
    case "CommandApplied":
      return { tone: "good", text: `${name}: done${verdict.replayed ? ", by an earlier sending" : ""}.` };
    case "CommandPending":
      return { tone: "wait", text: `${name}: pending. It is stored, and no worker has acted on it yet; it will be.` };
    case "CommandRefused":
      return { tone: "problem", text: `${name}: refused while ${inWords(verdict.state)}. ${verdict.message}` };
    case "CommandConflict":
    case "OrderNotFound":
    case "InvalidInput":
      return { tone: "problem", text: `${name}: ${verdict.message}` };
  }
}
