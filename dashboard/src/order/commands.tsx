import { useEffect, useState } from "react";
import { useQuery } from "urql";

import type { OrderCommand, VerdictFragment } from "../generated/graphql";
import { Notice } from "../ui/notice";
import { COMMAND_NAMES } from "../ui/words";
import { CommandDialog } from "./command-dialog";
import { COMMAND } from "./command-operations";
import type { OrderOnPage } from "./use-live-order";
import { inSentence } from "./verdict";

const ASK_AGAIN_EVERY = 1_500; // milliseconds
const STOPS: ReadonlySet<OrderCommand> = new Set<OrderCommand>(["CANCEL", "CANCEL_PAYMENT"]);

interface Sent {
  command: OrderCommand;
  verdict: VerdictFragment;
}

/** A button for each command that the order would take now, and what became of the last one that was sent. */
export function Commands({ order }: { order: OrderOnPage }) {
  const [open, setOpen] = useState<OrderCommand>();
  const [sent, setSent] = useState<Sent>();
  const commands = (Object.keys(COMMAND_NAMES) as OrderCommand[]).filter((one) => order.availableCommands.includes(one));

  return (
    <section className="card" aria-labelledby="commands">
      <h2 id="commands" className="mb-3">Commands</h2>
      <div className="flex flex-wrap gap-2">
        {commands.map((command) => (
          <button
            key={command}
            type="button"
            className={`button ${command === "APPROVE" ? "button-primary" : STOPS.has(command) ? "button-danger" : ""}`}
            onClick={() => { setOpen(command); }}
          >
            {COMMAND_NAMES[command]}
          </button>
        ))}
        {commands.length === 0 && <p className="quiet text-sm">The order takes no command now.</p>}
      </div>
      {sent && (
        <div className="mt-3">
          {sent.verdict.__typename === "CommandPending" ? (
            <Pending key={sent.verdict.commandId} sent={sent} pending={sent.verdict} onVerdict={setSent} />
          ) : <Said sent={sent} />}
        </div>
      )}
      {open && (
        <CommandDialog
          order={order}
          command={open}
          onClose={() => { setOpen(undefined); }}
          onVerdict={(verdict) => {
            setOpen(undefined);
            setSent({ command: open, verdict });
          }}
        />
      )}
    </section>
  );
}

function Said({ sent }: { sent: Sent }) {
  const { tone, text } = inSentence(sent.command, sent.verdict);
  return <Notice tone={tone}>{text}</Notice>;
}

interface PendingProps {
  sent: Sent;
  pending: { orderId: string; commandId: string };
  onVerdict: (sent: Sent) => void;
}

/** Ask for the verdict until a worker has given it. */
function Pending({ sent, pending: { orderId, commandId }, onVerdict }: PendingProps) {
  const [result, execute] = useQuery({ query: COMMAND, variables: { orderId, commandId }, requestPolicy: "network-only" });
  const verdict = result.data?.command;
  useEffect(() => {
    const timer = setInterval(() => { execute({ requestPolicy: "network-only" }); }, ASK_AGAIN_EVERY);
    return () => { clearInterval(timer); };
  }, [execute]);
  useEffect(() => {
    if (!verdict || verdict.__typename === "CommandPending") return;
    // Asked for afterwards, a verdict is always that of an earlier sending: ours.
    const ours = verdict.__typename === "CommandApplied" ? { ...verdict, replayed: false } : verdict;
    onVerdict({ command: sent.command, verdict: ours });
  }, [verdict, onVerdict, sent.command]);
  return <Said sent={sent} />;
}
