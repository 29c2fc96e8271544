import { cacheExchange, type Cache } from "@urql/exchange-graphcache";

import possible from "../generated/possible-types";

const EMBEDDED = [
  "Address", "CommandApplied", "CommandConflict", "CommandPending", "CommandRefused", "CustomerConnection",
  "CustomerDeleted", "CustomerSaved", "FieldError", "Money", "OrderConnection", "OrderEventConnection",
  "OrderFailure", "OrderItem", "OrderPolicy", "OrderStarted", "OrderStateCount", "OrderWorkflow", "PageInfo",
  "PendingActivity",
] as const;

/** Let every list of this name be read again: whom a new or a gone customer concerns, only the server knows. */
function forget(cache: Cache, field: string): void {
  for (const { fieldName, arguments: given } of cache.inspectFields("Query")) {
    if (fieldName === field) cache.invalidate("Query", fieldName, given);
  }
}

/** One copy of each order, customer, payment and event; what has no id lives in what holds it. */
export const cache = cacheExchange({
  possibleTypes: possible.possibleTypes,
  keys: Object.fromEntries(EMBEDDED.map((name) => [name, () => null])),
  updates: {
    Mutation: {
      createCustomer: (_result, _arguments, cache) => { forget(cache, "customers"); },
      deleteCustomer: (_result, _arguments, cache) => { forget(cache, "customers"); },
      startOrder: (_result, _arguments, cache) => { forget(cache, "orders"); },
    },
  },
});
