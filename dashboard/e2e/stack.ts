import { spawn, type ChildProcess } from "node:child_process";
import { createServer, type AddressInfo } from "node:net";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";

const READY_WITHIN = 30_000; // milliseconds

/** One process of the `orders` command, on the servers that the environment names. */
export class Part {
  readonly #arguments: readonly string[];
  readonly #environment: Record<string, string>;
  #process: ChildProcess | undefined;

  constructor(commandLine: readonly string[], environment: Record<string, string> = {}) {
    this.#arguments = commandLine;
    this.#environment = environment;
  }

  start(): void {
    const command = process.env["ORDERS_COMMAND"];
    if (command === undefined) throw new Error("These tests are run by tests/browser: see docs/dashboard.md.");
    const [program = "", ...first] = JSON.parse(command) as string[];
    this.#process = spawn(program, [...first, ...this.#arguments], {
      env: { ...process.env, ...this.#environment },
      stdio: ["ignore", "ignore", process.env["ORDERS_OUTPUT"] ? "inherit" : "ignore"],
    });
  }

  /** End it at once, as a crash would, or as it is told to. */
  async end(signal: "SIGKILL" | "SIGTERM"): Promise<void> {
    const child = this.#process;
    this.#process = undefined;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const exit = once(child, "exit");
    child.kill(signal);
    await exit;
  }
}

/** API and both workers, on task queues of their own. */
export class Stack {
  readonly url: string;
  readonly api: Part;
  readonly orderWorker: Part;
  readonly #shippingWorker: Part;
  readonly #queues: Record<string, string>;

  private constructor(port: number) {
    this.#queues = { ORDER_TASK_QUEUE: `order-${port}`, SHIPPING_TASK_QUEUE: `shipping-${port}` };
    this.url = urlOf(port);
    this.api = new Part(["api"], { ...this.#queues, PORT: `${port}` });
    this.orderWorker = new Part(["worker", "--queue", "order"], this.#queues);
    this.#shippingWorker = new Part(["worker", "--queue", "shipping"], this.#queues);
  }

  static async started(): Promise<Stack> {
    const stack = new Stack(await freePort());
    for (const part of [stack.api, stack.orderWorker, stack.#shippingWorker]) part.start();
    await stack.ready();
    return stack;
  }

  /** Wait until the API is ready. */
  ready(): Promise<void> {
    return untilReady(this.url);
  }

  /** Start another API for the same orders, with settings of its own. */
  async anotherApi(settings: Record<string, string>): Promise<{ url: string; api: Part }> {
    const port = await freePort();
    const api = new Part(["api"], { ...this.#queues, PORT: `${port}`, ...settings });
    api.start();
    await untilReady(urlOf(port));
    return { url: urlOf(port), api };
  }

  async stop(): Promise<void> {
    await Promise.all([this.api, this.orderWorker, this.#shippingWorker].map((part) => part.end("SIGTERM")));
  }

  /** Ask the API, for what a test needs to be there. */
  async ask(query: string, variables: object): Promise<Record<string, unknown>> {
    const response = await fetch(`${this.url}/graphql`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ query, variables }),
    });
    const { data, errors } = (await response.json()) as { data: Record<string, unknown>; errors?: unknown };
    if (errors) throw new Error(JSON.stringify(errors));
    return data;
  }
}

const urlOf = (port: number) => `http://127.0.0.1:${port}`;

async function untilReady(url: string): Promise<void> {
  const patience = Date.now() + READY_WITHIN;
  while (!(await isReady(url))) {
    if (Date.now() > patience) throw new Error("The API was not ready in time.");
    await sleep(50);
  }
}

async function isReady(url: string): Promise<boolean> {
  try {
    return (await fetch(`${url}/health/ready`)).ok;
  } catch {
    return false;
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}
