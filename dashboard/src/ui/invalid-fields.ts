import { useEffect, type RefObject } from "react";

import type { FieldErrors } from "./field";

interface FieldError {
  path: string[];
  message: string;
}

/** Group the API's validation errors by field path. Several messages for one field are joined. */
export function errorsByField(fieldErrors: readonly FieldError[]): FieldErrors {
  const errors: Record<string, string> = {};
  for (const { path, message } of fieldErrors) {
    const name = path.join(".");
    const previous = errors[name];
    errors[name] = previous === undefined ? message : `${previous} ${message}`;
  }
  return errors;
}

/** Move the focus to the first invalid field once the errors are rendered. */
export function useFocusOnInvalid(form: RefObject<HTMLFormElement | null>, errors: FieldErrors): void {
  useEffect(() => {
    if (Object.keys(errors).length > 0) form.current?.querySelector<HTMLElement>("[aria-invalid=true]")?.focus();
  }, [form, errors]);
}
