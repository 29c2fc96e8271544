import type { CreateCustomerMutation, UpdateCustomerMutation } from "../generated/graphql";
import type { FieldErrors } from "../ui/field";
import { errorsByField } from "../ui/invalid-fields";

type Result = NonNullable<CreateCustomerMutation["createCustomer"] | UpdateCustomerMutation["updateCustomer"]>;

/** Errors by field. The empty key holds errors that belong to no field. */
export function customerErrors(result: Result): FieldErrors {
  switch (result.__typename) {
    case "CustomerSaved":
      return {};
    case "InvalidInput":
      return errorsByField(result.fields);
    case "EmailTaken":
      return { email: result.message };
    case "CustomerConflict":
    case "CustomerNotFound":
      return { "": result.message };
  }
}
