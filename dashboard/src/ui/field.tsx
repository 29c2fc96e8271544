import { useId, type ComponentPropsWithoutRef, type ReactNode } from "react";

/** Error messages by field path, such as "items.0.sku". */
export type FieldErrors = Readonly<Record<string, string>>;

interface FieldProps {
  label: string;
  hint?: ReactNode;
  error?: string | undefined;
  children: (control: { id: string; "aria-invalid": boolean; "aria-describedby": string | undefined }) => ReactNode;
}

/** A control with its label, hint and error, linked for assistive technology. */
export function Field({ label, hint, error, children }: FieldProps) {
  const id = useId();
  const descriptions = [hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(" ");
  return (
    <div className="min-w-0">
      <label className="label" htmlFor={id}>{label}</label>
      {children({ id, "aria-invalid": error !== undefined, "aria-describedby": descriptions || undefined })}
      {hint && <p id={`${id}-hint`} className="muted mt-1 text-xs">{hint}</p>}
      {error && <p id={`${id}-error`} className="field-error">{error}</p>}
    </div>
  );
}

type TextFieldProps = Omit<FieldProps, "children"> & Omit<ComponentPropsWithoutRef<"input">, "id" | "className">;

export function TextField({ label, hint, error, ...input }: TextFieldProps) {
  return (
    <Field label={label} hint={hint} error={error}>
      {(control) => <input type="text" className="input" {...control} {...input} />}
    </Field>
  );
}

type SelectFieldProps = Omit<FieldProps, "children"> & Omit<ComponentPropsWithoutRef<"select">, "id" | "className">;

export function SelectField({ label, hint, error, children, ...select }: SelectFieldProps) {
  return (
    <Field label={label} hint={hint} error={error}>
      {(control) => <select className="input" {...control} {...select}>{children}</select>}
    </Field>
  );
}
