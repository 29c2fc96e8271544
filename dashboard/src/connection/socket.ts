import { createClient } from "graphql-ws";

import { accessToken, rejectToken } from "../session/session";
import { connectionStatus, setConnectionStatus } from "./status";

const PING_INTERVAL = 10_000; // milliseconds
const PONG_TIMEOUT = 5_000;
const MAX_RETRY_DELAY = 5_000;
const TOKEN_REJECTED = 4403; // also when a token expires

const address = new URL("/graphql", window.location.href);
address.protocol = address.protocol.replace("http", "ws");

let pongTimer: number | undefined;
let token: string | undefined;

/** The WebSocket shared by all subscriptions of a page. It opens with the first one and reconnects while any is active. */
export const socket = createClient({
  url: address.href,
  lazy: true,
  keepAlive: PING_INTERVAL,
  retryAttempts: Number.POSITIVE_INFINITY,
  shouldRetry: () => true,
  connectionParams: async () => {
    token = await accessToken();
    return token === undefined ? {} : { authorization: `Bearer ${token}` };
  },
  retryWait: (retries) => {
    const wait = Math.min(250 * 2 ** retries, MAX_RETRY_DELAY);
    return new Promise((resolve) => setTimeout(resolve, wait * (0.5 + Math.random() / 2)));
  },
  on: {
    connecting: () => {
      if (connectionStatus() !== "lost") setConnectionStatus("connecting");
    },
    connected: () => { setConnectionStatus("live"); },
    closed: (event) => {
      clearTimeout(pongTimer);
      // The page closes with 1000 after its last subscription ends.
      const { code } = event as CloseEvent;
      if (code === 1000) setConnectionStatus("idle");
      else if (code === TOKEN_REJECTED && connectionStatus() === "live") setConnectionStatus("connecting");
      else setConnectionStatus("lost");
      if (code === TOKEN_REJECTED) rejectToken(token);
    },
    // A dead connection may not report an error. Terminate it if a ping gets no answer; the client then reconnects.
    ping: (received) => {
      if (!received) pongTimer = window.setTimeout(() => { socket.terminate(); }, PONG_TIMEOUT);
    },
    pong: (received) => {
      if (received) clearTimeout(pongTimer);
    },
  },
});
