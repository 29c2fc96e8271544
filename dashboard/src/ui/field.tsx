import { useId, type ComponentPropsWithoutRef, type ReactNode } from "react";

/** What is wrong with a form: the message by the path of its field, joined by dots. */
export type FieldErrors = Readonly<Record<string, string>>;

interface FieldProps {
  label: string;
  hint?: ReactNode;
  error?: string | undefined;
  children: (described: { id: string; "aria-invalid": boolean; "aria-describedby": string | undefined }) => ReactNode;
}

/** A label, a control, a hint and an error that belong together. */
export function Field({ label, hint, error, children }: FieldProps) {
  const id = useId();
  const described = [hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(" ");
  return (
    <div className="min-w-0">
      <label className="label" htmlFor={id}>{label}</label>
      {children({ id, "aria-invalid": error !== undefined, "aria-describedby": described || undefined })}
      {hint && <p id={`${id}-hint`} className="quiet mt-1 text-xs">{hint}</p>}
      {error && <p id={`${id}-error`} className="field-error">{error}</p>}
    </div>
  );
}

type TextFieldProps = Omit<FieldProps, "children"> & Omit<ComponentPropsWithoutRef<"input">, "id" | "className">;

export function TextField({ label, hint, error, ...input }: TextFieldProps) {
  return (
    <Field label={label} hint={hint} error={error}>
      {(described) => <input type="text" className="input" {...described} {...input} />}
    </Field>
  );
}

type SelectFieldProps = Omit<FieldProps, "children"> & Omit<ComponentPropsWithoutRef<"select">, "id" | "className">;

export function SelectField({ label, hint, error, children, ...select }: SelectFieldProps) {
  return (
    <Field label={label} hint={hint} error={error}>
      {(described) => <select className="input" {...described} {...select}>{children}</select>}
    </Field>
  );
}
