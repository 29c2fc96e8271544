import { spawn, type ChildProcess } from "node:child_process";
import { createServer, type AddressInfo } from "node:net";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";

const READY_TIMEOUT = 30_000; // milliseconds

/** A process of the `orders` command. Its servers come from the environment. */
export class OrdersProcess {
  readonly #arguments: readonly string[];
  readonly #environment: Record<string, string>;
  #process: ChildProcess | undefined;

  constructor(commandLine: readonly string[], environment: Record<string, string> = {}) {
    this.#arguments = commandLine;
    this.#environment = environment;
  }

  start(): void {
    const command = process.env["ORDERS_COMMAND"];
    if (command === undefined) throw new Error("Run these tests through tests/browser: see docs/dashboard.md.");
    const [program = "", ...prefix] = JSON.parse(command) as string[];
    this.#process = spawn(program, [...prefix, ...this.#arguments], {
      env: { ...process.env, ...this.#environment },
      stdio: ["ignore", "ignore", process.env["ORDERS_OUTPUT"] ? "inherit" : "ignore"],
    });
  }

  /** SIGKILL simulates a crash, SIGTERM shuts down gracefully. Resolves after the exit. */
  async stop(signal: "SIGKILL" | "SIGTERM"): Promise<void> {
    const child = this.#process;
    this.#process = undefined;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const exit = once(child, "exit");
    child.kill(signal);
    await exit;
  }
}

/** An API and both workers, on their own task queues. */
export class Stack {
  readonly url: string;
  readonly api: OrdersProcess;
  readonly orderWorker: OrdersProcess;
  readonly #shippingWorker: OrdersProcess;
  readonly #queues: Record<string, string>;

  private constructor(port: number) {
    this.#queues = { ORDER_TASK_QUEUE: `order-${port}`, SHIPPING_TASK_QUEUE: `shipping-${port}` };
    this.url = urlOf(port);
    this.api = new OrdersProcess(["api"], { ...this.#queues, PORT: `${port}` });
    this.orderWorker = new OrdersProcess(["worker", "--queue", "order"], this.#queues);
    this.#shippingWorker = new OrdersProcess(["worker", "--queue", "shipping"], this.#queues);
  }

  static async started(): Promise<Stack> {
    const stack = new Stack(await freePort());
    for (const orderProcess of [stack.api, stack.orderWorker, stack.#shippingWorker]) orderProcess.start();
    await stack.untilReady();
    return stack;
  }

  untilReady(): Promise<void> {
    return untilReady(this.url);
  }

  /** Start a second API with other settings for the same orders. */
  async startSecondApi(settings: Record<string, string>, port?: number): Promise<{ url: string; api: OrdersProcess }> {
    port ??= await freePort();
    const api = new OrdersProcess(["api"], { ...this.#queues, PORT: `${port}`, ...settings });
    api.start();
    await untilReady(urlOf(port));
    return { url: urlOf(port), api };
  }

  async stop(): Promise<void> {
    await Promise.all([this.api, this.orderWorker, this.#shippingWorker].map((orderProcess) => orderProcess.stop("SIGTERM")));
  }

  /** Execute a GraphQL operation to set up a test. Throws on errors. */
  async execute(query: string, variables: object): Promise<Record<string, unknown>> {
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
  const deadline = Date.now() + READY_TIMEOUT;
  while (!(await isReady(url))) {
    if (Date.now() > deadline) throw new Error("The API was not ready within 30 seconds.");
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

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}
