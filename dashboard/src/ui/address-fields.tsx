import type { AddressInput, OrderFactsFragment } from "../generated/graphql";
import { TextField, type FieldErrors } from "./field";

interface AddressFieldsProps {
  /** Path of the address in the input; prefix of the field names and errors. */
  path: string;
  address?: OrderFactsFragment["shippingAddress"];
  errors: FieldErrors;
}

export function AddressFields({ path, address, errors }: AddressFieldsProps) {
  const field = (name: string) => ({ name: `${path}.${name}`, error: errors[`${path}.${name}`] });
  return (
    <div className="grid gap-3 sm:grid-cols-2">
      <div className="sm:col-span-2">
        <TextField label="Street" autoComplete="street-address" defaultValue={address?.street} {...field("street")} />
      </div>
      <TextField label="City" autoComplete="address-level2" defaultValue={address?.city} {...field("city")} />
      <TextField label="State or region (optional)" autoComplete="address-level1" defaultValue={address?.region ?? ""} {...field("region")} />
      <TextField label="Postal code (optional)" autoComplete="postal-code" defaultValue={address?.postalCode ?? ""} {...field("postalCode")} />
      <TextField label="Country" hint="Two-letter code, such as US or GB" autoComplete="country" defaultValue={address?.country} {...field("country")} />
    </div>
  );
}

export function readAddress(form: FormData, path: string): AddressInput {
  const text = (name: string) => {
    const value = form.get(`${path}.${name}`);
    return typeof value === "string" ? value.trim() : "";
  };
  return {
    street: text("street"),
    city: text("city"),
    region: text("region") || null,
    postalCode: text("postalCode") || null,
    country: text("country").toUpperCase(),
  };
}
