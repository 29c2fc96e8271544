import type { CustomerRowFragment } from "../generated/graphql";
import { TextField, type FieldErrors } from "../ui/field";

interface CustomerFieldsProps {
  /** Prefix of the field names and errors. */
  path?: string;
  customer?: CustomerRowFragment;
  errors: FieldErrors;
}

export function CustomerFields({ path = "", customer, errors }: CustomerFieldsProps) {
  const field = (name: string) => ({ name: path + name, error: errors[path + name] });
  return (
    <div className="grid gap-3 sm:grid-cols-2">
      <div className="sm:col-span-2"><TextField label="Name" autoComplete="off" defaultValue={customer?.name} {...field("name")} /></div>
      <TextField label="Email" inputMode="email" autoComplete="off" defaultValue={customer?.email} {...field("email")} />
      <TextField label="Phone (optional)" type="tel" autoComplete="off" defaultValue={customer?.phone ?? ""} {...field("phone")} />
    </div>
  );
}

export function readCustomer(form: FormData, path = ""): { name: string; email: string; phone: string | null } {
  const text = (name: string) => {
    const value = form.get(path + name);
    return typeof value === "string" ? value.trim() : "";
  };
  return { name: text("name"), email: text("email"), phone: text("phone") || null };
}
