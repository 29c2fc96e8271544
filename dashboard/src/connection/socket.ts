import { createClient } from "graphql-ws";

import { connectionStatus, setConnectionStatus } from "./status";

const PING_EVERY = 10_000; // milliseconds
const PONG_WITHIN = 5_000;
const SLOWEST_RETRY = 5_000;

const address = new URL("/graphql", window.location.href);
address.protocol = address.protocol.replace("http", "ws");

let pongOverdue: number | undefined;

/** The one WebSocket of this page: opened when something is watched, and opened again for as long as it is. */
export const socket = createClient({
  url: address.href,
  lazy: true,
  keepAlive: PING_EVERY,
  retryAttempts: Number.POSITIVE_INFINITY,
  shouldRetry: () => true,
  retryWait: (retries) => {
    const wait = Math.min(250 * 2 ** retries, SLOWEST_RETRY);
    return new Promise((resolve) => setTimeout(resolve, wait * (0.5 + Math.random() / 2)));
  },
  on: {
    connecting: () => {
      if (connectionStatus() !== "lost") setConnectionStatus("connecting");
    },
    connected: () => { setConnectionStatus("live"); },
    closed: (event) => {
      clearTimeout(pongOverdue);
      // 1000 is this page's own: nothing is watched any more.
      const { code } = event as CloseEvent;
      setConnectionStatus(code === 1000 ? "idle" : "lost");
    },
    // A connection can die without a word: one that does not answer is given up, and opened again.
    ping: (received) => {
      if (!received) pongOverdue = window.setTimeout(() => { socket.terminate(); }, PONG_WITHIN);
    },
    pong: (received) => {
      if (received) clearTimeout(pongOverdue);
    },
  },
});
