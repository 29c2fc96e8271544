import { useEffect, useState } from "react";

export function useTitle(title?: string): void {
  useEffect(() => { document.title = title === undefined ? "Orders" : `${title} · Orders`; }, [title]);
}

/** The current time in milliseconds, updated every second while active. */
export function useNow(active: boolean): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    if (!active) return undefined;
    const timer = setInterval(() => { setNow(Date.now()); }, 1000);
    return () => { clearInterval(timer); };
  }, [active]);
  return now;
}

/** The value once it has not changed for the delay, such as after typing has stopped. */
export function useDebounced<T>(value: T, delay = 300): T {
  const [debounced, setDebounced] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => { setDebounced(value); }, delay);
    return () => { clearTimeout(timer); };
  }, [value, delay]);
  return debounced;
}

/** The last defined value, so that the page keeps its data while it reloads. */
export function useLatestDefined<T>(value: T | undefined): T | undefined {
  const [last, setLast] = useState(value);
  if (value !== undefined && value !== last) setLast(value);
  return value ?? last;
}
