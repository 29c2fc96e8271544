import { useTitle } from "../ui/hooks";
import { inWords } from "../ui/words";
import { commands, diagram } from "./architecture";
import { StateDiagram } from "./state-diagram";

const COMMAND_LINE = `orders customer create --id grace --name "Grace Hopper" --email grace@example.org
orders start --id cups-1 --customer grace --item CUP:4:5.00 \\
  --street "1 Main St" --city Springfield --region IL --postal-code 62701
orders watch cups-1      # each event as it happens, to the end
orders approve cups-1
orders status cups-1
orders --help`;

export function GuidePage() {
  useTitle("Guide");
  return (
    <div className="mx-auto grid max-w-3xl gap-4">
      <h1>How an order goes</h1>
      <section className="card grid gap-3 text-sm" aria-labelledby="in-short">
        <h2 id="in-short">In short</h2>
        <p>
          An order is received, validated, reviewed by a person or a timer, paid for once, shipped, and completed. Or it is
          cancelled, times out, or fails, and what was done is undone.
        </p>
        <p>
          Each order is a workflow in Temporal, which alone decides its state; every event goes on record in Postgres. What
          runs goes on where it stood, whatever stops in between: this page, the API, a worker.
        </p>
        <p>Nothing here doubles: an order, a charge and a command are done once, however often they are sent.</p>
      </section>
      <section className="card" aria-labelledby="states">
        <h2 id="states" className="mb-3">States</h2>
        <StateDiagram />
        <p className="quiet mt-3 text-sm">From every state in the dashed box an order can still be stopped, and is undone. Approved means that the charge has begun.</p>
        <details className="mt-3 text-sm">
          <summary className="w-fit cursor-pointer font-medium">The same as a table</summary>
          <div className="mt-2 overflow-x-auto">
            <table className="table">
              <thead><tr><th scope="col">From</th><th scope="col">What happens</th><th scope="col">To</th></tr></thead>
              <tbody>
                {diagram.transitions.map(({ from, event, to }) => (
                  <tr key={`${from} ${event} ${to}`}>
                    <td>{from in diagram.groups ? "Any state that can be stopped" : inWords(from)}</td><td>{inWords(event)}</td><td>{inWords(to)}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        </details>
      </section>
      <section className="card" aria-labelledby="the-commands">
        <h2 id="the-commands" className="mb-2">Commands</h2>
        <p className="mb-2 text-sm">An order&rsquo;s page has a button for each command that it takes at the moment. The workflow has the last word: too late, a command is refused, and says why.</p>
        <div className="overflow-x-auto">
          <table className="table">
            <thead><tr><th scope="col">Command</th><th scope="col">Taken while</th><th scope="col">What it does</th></tr></thead>
            <tbody>
              {commands.map(([name = "", ...cells]) => (
                <tr key={name}><th scope="row" className="font-medium">{inWords(name)}</th>{cells.map((cell) => <td key={cell}>{cell}</td>)}</tr>
              ))}
            </tbody>
          </table>
        </div>
      </section>
      <section className="card" aria-labelledby="trying">
        <h2 id="trying" className="mb-2">Trying it out</h2>
        <p className="text-sm">Payment and carrier are simulated, and some values always break:</p>
        <ul className="mt-2 list-disc space-y-1 pl-5 text-sm">
          <li>a payment id that begins with <code>decline-</code>: the charge is declined</li>
          <li>the SKU <code>DISPATCH-FAILS-ONCE</code>: the first shipping attempt fails</li>
          <li>the SKU <code>DISPATCH-FAILS</code>: every attempt fails; the charge is refunded</li>
        </ul>
      </section>
      <section className="card" aria-labelledby="command-line">
        <h2 id="command-line" className="mb-2">The command line</h2>
        <p className="mb-2 text-sm">All of it from a shell, with exit codes for scripts:</p>
        {/* What scrolls has to be reached by keyboard. */}
        {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
        <pre tabIndex={0} aria-labelledby="command-line" className="overflow-x-auto rounded-lg bg-slate-100 p-3 text-xs dark:bg-slate-950">{COMMAND_LINE}</pre>
      </section>
    </div>
  );
}
