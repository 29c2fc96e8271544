import { useEffect, useState } from "react";

/** Name the page in the browser's title. */
export function useTitle(title: string): void {
  useEffect(() => { document.title = `${title} · Orders`; }, [title]);
}

/** The time, told anew every second while somebody wants to know. */
export function useNow(wanted: boolean): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    if (!wanted) return undefined;
    const timer = setInterval(() => { setNow(Date.now()); }, 1000);
    return () => { clearInterval(timer); };
  }, [wanted]);
  return now;
}

/** A value once it has stayed the same for a moment, as when somebody has stopped typing. */
export function useSettled<T>(value: T, milliseconds = 300): T {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => { setSettled(value); }, milliseconds);
    return () => { clearTimeout(timer); };
  }, [value, milliseconds]);
  return settled;
}

/** The last value that was there: what is being read again stays on the page meanwhile. */
export function useLast<T>(value: T | undefined): T | undefined {
  const [last, setLast] = useState(value);
  if (value !== undefined && value !== last) setLast(value);
  return value ?? last;
}
