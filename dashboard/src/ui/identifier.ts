/** A random ID, such as "order-0123456789abcdef". A request that keeps its ID is safe to retry. */
export function newIdentifier(kind: string): string {
  const bytes = crypto.getRandomValues(new Uint8Array(8)); // randomUUID is unavailable over plain HTTP
  return `${kind}-${Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("")}`;
}
