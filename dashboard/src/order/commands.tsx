import { useEffect, useState } from "react";
import { useQuery } from "urql";

import type { OrderCommand, VerdictFragment } from "../generated/graphql";
import { Notice } from "../ui/notice";
import { COMMAND_LABELS } from "../ui/format";
import { CommandDialog } from "./command-dialog";
import { COMMAND } from "./command-operations";
import type { OrderOnPage } from "./use-live-order";
import { describeVerdict } from "./verdict";

const POLL_INTERVAL = 1_500; // milliseconds
const DESTRUCTIVE: ReadonlySet<OrderCommand> = new Set<OrderCommand>(["REJECT", "CANCEL", "CANCEL_PAYMENT"]);

interface SentCommand {
  command: OrderCommand;
  verdict: VerdictFragment;
}

/** A button for each command that the order accepts now, and the verdict on the last command sent from here. */
export function Commands({ order }: { order: OrderOnPage }) {
  const [open, setOpen] = useState<OrderCommand>();
  const [sent, setSent] = useState<SentCommand>();
  const commands = (Object.keys(COMMAND_LABELS) as OrderCommand[]).filter((command) => order.availableCommands.includes(command));

  return (
    <section className="card" aria-labelledby="commands">
      <h2 id="commands" className="mb-3">Commands</h2>
      <div className="flex flex-wrap gap-2">
        {commands.map((command) => (
          <button
            key={command}
            type="button"
            className={`button ${command === "APPROVE" ? "button-primary" : DESTRUCTIVE.has(command) ? "button-danger" : ""}`}
            onClick={() => { setOpen(command); }}
          >
            {COMMAND_LABELS[command]}
          </button>
        ))}
        {commands.length === 0 && <p className="muted text-sm">No commands are available to you in this state.</p>}
      </div>
      {sent && (
        <div className="mt-3">
          {sent.verdict.__typename === "CommandPending" ? (
            <PendingVerdict key={sent.verdict.commandId} sent={sent} pending={sent.verdict} onVerdict={setSent} />
          ) : <VerdictNotice sent={sent} />}
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

function VerdictNotice({ sent }: { sent: SentCommand }) {
  const { tone, text } = describeVerdict(sent.command, sent.verdict);
  return <Notice tone={tone}>{text}</Notice>;
}

interface PendingVerdictProps {
  sent: SentCommand;
  pending: { orderId: string; commandId: string };
  onVerdict: (sent: SentCommand) => void;
}

/** Polls until a worker has processed the command. */
function PendingVerdict({ sent, pending: { orderId, commandId }, onVerdict }: PendingVerdictProps) {
  const [result, execute] = useQuery({ query: COMMAND, variables: { orderId, commandId }, requestPolicy: "network-only" });
  const verdict = result.data?.command;
  useEffect(() => {
    const timer = setInterval(() => { execute({ requestPolicy: "network-only" }); }, POLL_INTERVAL);
    return () => { clearInterval(timer); };
  }, [execute]);
  useEffect(() => {
    if (!verdict || verdict.__typename === "CommandPending") return;
    // The query always reports the command as replayed. Here the earlier request was our own.
    const own = verdict.__typename === "CommandApplied" ? { ...verdict, replayed: false } : verdict;
    onVerdict({ command: sent.command, verdict: own });
  }, [verdict, onVerdict, sent.command]);
  return <VerdictNotice sent={sent} />;
}
