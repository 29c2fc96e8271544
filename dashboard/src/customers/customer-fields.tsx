import type { CustomerRowFragment } from "../generated/graphql";
import { TextField, type FieldErrors } from "../ui/field";

interface CustomerFieldsProps {
  /** Where the customer stands in the form: the fields' names and errors begin with it. */
  path?: string;
  customer?: CustomerRowFragment;
  errors: FieldErrors;
}

export function CustomerFields({ path = "", customer, errors }: CustomerFieldsProps) {
  const field = (name: string) => ({ name: path + name, error: errors[path + name] });
  return (
    <div className="grid gap-3 sm:grid-cols-2">
      <div className="sm:col-span-2"><TextField label="Name" autoComplete="off" defaultValue={customer?.name} {...field("name")} /></div>
      <TextField label="E-mail address" inputMode="email" autoComplete="off" defaultValue={customer?.email} {...field("email")} />
      <TextField label="Phone (optional)" type="tel" autoComplete="off" defaultValue={customer?.phone ?? ""} {...field("phone")} />
    </div>
  );
}

/** What a form with these fields says of a customer. */
export function customerFrom(given: FormData, path = ""): { name: string; email: string; phone: string | null } {
  const text = (name: string) => {
    const value = given.get(path + name);
    return typeof value === "string" ? value.trim() : "";
  };
  return { name: text("name"), email: text("email"), phone: text("phone") || null };
}
