import { useEffect, useState } from "react";

import { TextField } from "./field";
import { useDebounced } from "./hooks";

interface DebouncedFieldProps {
  label: string;
  value: string;
  onChange: (value: string) => void;
  type?: string;
  pattern?: string;
  inputMode?: "decimal";
  disabled?: boolean;
  /** Shown if the text does not match the pattern. */
  problem?: string;
}

/** Reports its text after typing has stopped, if it matches the pattern. */
export function DebouncedField({ value, onChange, problem, ...field }: DebouncedFieldProps) {
  const [text, setText] = useState(value);
  const [previousValue, setPreviousValue] = useState(value);
  if (value !== previousValue) { // the URL was changed elsewhere
    setPreviousValue(value);
    if (value !== text.trim()) setText(value);
  }
  const debounced = useDebounced(text);
  const isValid = debounced === "" || field.pattern === undefined || new RegExp(`^(?:${field.pattern})$`).test(debounced);
  useEffect(() => {
    if (isValid && debounced === text && debounced !== value) onChange(debounced);
    // Depends on the debounced text alone. Otherwise a URL changed elsewhere would be changed back.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [debounced]);
  return (
    <TextField
      {...field}
      value={text}
      error={isValid ? undefined : problem}
      onChange={(event) => { setText(event.target.value); }}
    />
  );
}
