import type { CreateCustomerMutation, UpdateCustomerMutation } from "../generated/graphql";
import type { FieldErrors } from "../ui/field";
import { byField } from "../ui/invalid-fields";

type Result = NonNullable<CreateCustomerMutation["createCustomer"] | UpdateCustomerMutation["updateCustomer"]>;

/** What is wrong with a customer, by field; what concerns none of the fields is under the empty name. */
export function problemsOf(result: Result): FieldErrors {
  switch (result.__typename) {
    case "CustomerSaved":
      return {};
    case "InvalidInput":
      return byField(result.fields);
    case "EmailTaken":
      return { email: result.message };
    case "CustomerConflict":
    case "CustomerNotFound":
      return { "": result.message };
  }
}
