/** An id that nobody else makes. With it a request may be sent again safely. */
export function newIdentifier(kind: string): string {
  const bytes = crypto.getRandomValues(new Uint8Array(8)); // randomUUID is not there over plain HTTP
  return `${kind}-${Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("")}`;
}
