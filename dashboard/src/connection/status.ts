import { useSyncExternalStore } from "react";

/** Status of the WebSocket. "idle": no subscription is active. */
export type ConnectionStatus = "idle" | "connecting" | "live" | "lost";

let status: ConnectionStatus = "idle";
const listeners = new Set<() => void>();

export function setConnectionStatus(next: ConnectionStatus): void {
  if (next === status) return;
  status = next;
  for (const listener of listeners) listener();
}

export const connectionStatus = (): ConnectionStatus => status;

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function useConnectionStatus(): ConnectionStatus {
  return useSyncExternalStore(subscribe, connectionStatus);
}
