import { signOut, useSession } from "./session";

/** Who is signed in, or that nobody has to be. */
export function Account() {
  const { status, name, isOpen } = useSession();
  if (isOpen) {
    return (
      <span className="text-sm text-amber-800 dark:text-amber-300" title="This API runs in development without AUTH_ISSUER and without API keys.">
        Access control is off
      </span>
    );
  }
  if (status !== "signed-in") return null;
  return (
    <span className="flex items-center gap-2 text-sm">
      <span className="muted wrap-anywhere">{name}</span>
      <button type="button" className="button" onClick={() => { void signOut(); }}>Sign out</button>
    </span>
  );
}
