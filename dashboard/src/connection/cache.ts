import { cacheExchange, type Cache } from "@urql/exchange-graphcache";

import introspection from "../generated/possible-types";

/**
 * Value types, stored inside the object that holds them. Every other type in a list has an `id`. That of an actor is
 * not a key: its name is the one of the time of the event, and an API key may have the ID of a user.
 */
const VALUE_TYPES = [
  "Actor", "Address", "AddressChangeDetail", "ApprovalDetail", "CommandApplied", "CommandConflict", "CommandPending",
  "CommandRefused", "CustomerConnection", "CustomerDeleted", "CustomerSaved", "DeliveryDetail", "FailureDetail",
  "FieldError", "Money", "OrderConnection", "OrderEventConnection", "OrderFailure", "OrderPolicy", "OrderStarted",
  "OrderStateCount", "PageInfo", "PaymentDetail", "ReceiptDetail", "ReviewDetail", "ShipmentDetail",
  "WorkflowPage",
] as const;

/** Invalidate every cached list of this field. Only the server knows which lists a new or deleted node belongs to. */
function invalidateLists(cache: Cache, field: string): void {
  for (const { fieldName, arguments: args } of cache.inspectFields("Query")) {
    if (fieldName === field) cache.invalidate("Query", fieldName, args);
  }
}

/** Normalized: one copy of each order, customer, payment and event, shared by all parts of a page. */
export const cache = cacheExchange({
  possibleTypes: introspection.possibleTypes,
  keys: Object.fromEntries(VALUE_TYPES.map((name) => [name, () => null])),
  updates: {
    Mutation: {
      createCustomer: (_result, _arguments, cache) => { invalidateLists(cache, "customers"); },
      deleteCustomer: (_result, _arguments, cache) => { invalidateLists(cache, "customers"); },
      startOrder: (_result, _arguments, cache) => { invalidateLists(cache, "orders"); },
    },
  },
});
