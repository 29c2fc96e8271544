import { useEffect, type RefObject } from "react";

import type { FieldErrors } from "./field";

interface FieldProblem {
  path: string[];
  message: string;
}

/** What the API found wrong, by field; of several messages on one field all are kept. */
export function byField(problems: readonly FieldProblem[]): FieldErrors {
  const errors: Record<string, string> = {};
  for (const { path, message } of problems) {
    const name = path.join(".");
    const before = errors[name];
    errors[name] = before === undefined ? message : `${before} ${message}`;
  }
  return errors;
}

/** Move the focus to the first field that is wrong, once the page shows it. */
export function useFocusOnInvalid(form: RefObject<HTMLFormElement | null>, errors: FieldErrors): void {
  useEffect(() => {
    if (Object.keys(errors).length > 0) form.current?.querySelector<HTMLElement>("[aria-invalid=true]")?.focus();
  }, [form, errors]);
}
