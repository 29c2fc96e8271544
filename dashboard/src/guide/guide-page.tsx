import { useTitle } from "../ui/hooks";
import { enumLabel } from "../ui/format";
import { commands, diagram } from "./architecture";
import { StateDiagram } from "./state-diagram";

const COMMAND_LINE = `orders customer create --id grace --name "Grace Hopper" --email grace@example.org
orders start --id cups-1 --customer grace --item CUP:4:5.00 \\
  --currency USD --street "1 Main St" --city Springfield --region IL --postal-code 62701 --country US
orders approve cups-1
orders watch cups-1      # prints each event until the order ends
orders status cups-1
orders --help`;

export function GuidePage() {
  useTitle("Guide");
  return (
    <div className="mx-auto grid max-w-3xl gap-4">
      <h1>Order guide</h1>
      <section className="card grid gap-3 text-sm" aria-labelledby="overview">
        <h2 id="overview">Overview</h2>
        <p>
          An order is received, validated, reviewed by a person or a timer, charged, shipped and completed. It can also be
          cancelled, time out or fail. Any charge is then voided or refunded, and any shipment is recalled.
        </p>
        <p>
          A Temporal workflow runs each order and decides its state. Postgres stores every event. An order continues where
          it stopped after a restart of a worker, the API or this page.
        </p>
        <p>Requests are safe to retry: the same order, charge or command takes effect only once.</p>
      </section>
      <section className="card" aria-labelledby="states">
        <h2 id="states" className="mb-3">States</h2>
        <StateDiagram />
        <p className="muted mt-3 text-sm">An order can be cancelled or fail from any state in the dashed box. In the state Approved, the charge has started.</p>
        <details className="mt-3 text-sm">
          <summary className="w-fit cursor-pointer font-medium">Show as a table</summary>
          <div className="mt-2 overflow-x-auto">
            <table className="table">
              <thead><tr><th scope="col">From</th><th scope="col">Event</th><th scope="col">To</th></tr></thead>
              <tbody>
                {diagram.transitions.map(({ from, event, to }) => (
                  <tr key={`${from} ${event} ${to}`}>
                    <td>{from in diagram.groups ? "Any state in the dashed box" : enumLabel(from)}</td><td>{enumLabel(event)}</td><td>{enumLabel(to)}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        </details>
      </section>
      <section className="card" aria-labelledby="the-commands">
        <h2 id="the-commands" className="mb-2">Commands</h2>
        <p className="mb-2 text-sm">The page of an order has a button for each command that the order accepts in its current state. The workflow makes the final decision: a command that arrives too late is refused with the reason.</p>
        <div className="overflow-x-auto">
          <table className="table">
            <thead><tr><th scope="col">Command</th><th scope="col">Accepted in</th><th scope="col">Effect</th></tr></thead>
            <tbody>
              {commands.map(([name = "", ...cells]) => (
                <tr key={name}><th scope="row" className="font-medium">{enumLabel(name)}</th>{cells.map((cell) => <td key={cell}>{cell}</td>)}</tr>
              ))}
            </tbody>
          </table>
        </div>
      </section>
      <section className="card" aria-labelledby="test-values">
        <h2 id="test-values" className="mb-2">Test values</h2>
        <p className="text-sm">The payment gateway and the carrier are simulated. Outside production, some values always cause a failure:</p>
        <ul className="mt-2 list-disc space-y-1 pl-5 text-sm">
          <li>a payment ID that begins with <code>decline-</code>: the charge is declined</li>
          <li>the SKU <code>DISPATCH-FAILS-ONCE</code>: the first shipping attempt fails</li>
          <li>the SKU <code>DISPATCH-FAILS</code>: every attempt fails, the charge is refunded and the order ends as Failed</li>
        </ul>
      </section>
      <section className="card" aria-labelledby="command-line">
        <h2 id="command-line" className="mb-2">Command line</h2>
        <p className="mb-2 text-sm">The <code>orders</code> command does the same from a shell and returns exit codes for scripts:</p>
        {/* A scrollable region must be reachable by keyboard. */}
        {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
        <pre tabIndex={0} aria-labelledby="command-line" className="overflow-x-auto rounded-lg bg-slate-100 p-3 text-xs dark:bg-slate-950">{COMMAND_LINE}</pre>
      </section>
    </div>
  );
}
