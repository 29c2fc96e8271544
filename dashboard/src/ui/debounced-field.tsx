import { useEffect, useEffectEvent, useState } from "react";

import { TextField } from "./field";

const DELAY = 300; // milliseconds

interface DebouncedFieldProps {
  label: string;
  value: string;
  onChange: (value: string) => void;
  hint?: string;
  type?: "search" | "date";
  pattern?: string;
  inputMode?: "decimal";
  disabled?: boolean;
  /** Shown if the text does not match the pattern. */
  problem?: string;
}

/** Reports its text, without outer spaces, after typing has stopped, if it matches the pattern. */
export function DebouncedField({ value, onChange, problem, ...field }: DebouncedFieldProps) {
  const [text, setText] = useState(value);
  const [settled, setSettled] = useState(value);
  const [previousValue, setPreviousValue] = useState(value);
  // The value becomes the reported text some time after the report. By then, the user may have typed on.
  const [reported, setReported] = useState(value);
  if (value !== previousValue) {
    setPreviousValue(value);
    if (value !== reported) { // the URL was changed elsewhere
      setReported(value);
      setText(value);
    }
  }

  const isValid = (typed: string) => typed === "" || field.pattern === undefined || new RegExp(`^(?:${field.pattern})$`).test(typed);
  const typed = text.trim();
  const settle = useEffectEvent(() => {
    setSettled(typed);
    if (typed === reported || !isValid(typed)) return;
    setReported(typed);
    onChange(typed);
  });
  useEffect(() => {
    const timer = setTimeout(() => { settle(); }, DELAY);
    return () => { clearTimeout(timer); };
  }, [typed]);

  return (
    <TextField
      {...field}
      value={text}
      error={isValid(settled) ? undefined : problem}
      onChange={(event) => { setText(event.target.value); }}
    />
  );
}
