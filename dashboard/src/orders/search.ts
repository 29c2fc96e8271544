import type { OrderFilter, OrderSortField, OrdersQueryVariables, OrderState, Priority } from "../generated/graphql";
import { STATES } from "../ui/words";

/** What the Orders page looks for, as its address says it. Left out: everything, the latest first. */
export interface OrderSearch {
  customerId: string;
  customerName: string;
  states: readonly OrderState[];
  priorities: readonly Priority[];
  min: string;
  max: string;
  from: string;
  to: string;
  sort: OrderSortField;
  ascending: boolean;
  /** Where the page begins: after a cursor, or before one. */
  after: string | null;
  before: string | null;
}

export const PRIORITIES: readonly Priority[] = ["NORMAL", "HIGH", "URGENT"];
const SORTS: readonly OrderSortField[] = ["CREATED_AT", "UPDATED_AT", "TOTAL"];
const PAGE = 25;

export const AMOUNT = String.raw`\d{1,15}(\.\d{1,4})?`;
const IS_AMOUNT = new RegExp(`^${AMOUNT}$`);
const IS_DAY = /^\d{4}-\d{2}-\d{2}$/;

const known = <T extends string>(names: readonly T[], given: readonly string[]): T[] =>
  names.filter((name) => given.includes(name));

const matching = (pattern: RegExp, value: string | null): string => (value !== null && pattern.test(value) ? value : "");

/** Read an address. What nobody could have chosen on the page is passed over. */
export function readSearch(address: URLSearchParams): OrderSearch {
  return {
    customerId: address.get("customer") ?? "",
    customerName: address.get("name") ?? "",
    states: known(STATES, address.getAll("state")),
    priorities: known(PRIORITIES, address.getAll("priority")),
    min: matching(IS_AMOUNT, address.get("min")),
    max: matching(IS_AMOUNT, address.get("max")),
    from: matching(IS_DAY, address.get("from")),
    to: matching(IS_DAY, address.get("to")),
    sort: known(SORTS, [address.get("sort") ?? ""])[0] ?? "CREATED_AT",
    ascending: address.get("direction") === "ASC",
    after: address.get("after"),
    before: address.get("before"),
  };
}

/** Write the address that reads as this search. */
export function writeSearch(search: OrderSearch): URLSearchParams {
  const address = new URLSearchParams();
  const put = (name: string, value: string | null) => {
    if (value) address.append(name, value);
  };
  put("customer", search.customerId);
  put("name", search.customerName);
  for (const state of search.states) put("state", state);
  for (const priority of search.priorities) put("priority", priority);
  put("min", search.min);
  put("max", search.max);
  put("from", search.from);
  put("to", search.to);
  if (search.sort !== "CREATED_AT") put("sort", search.sort);
  if (search.ascending) put("direction", "ASC");
  put("after", search.after);
  put("before", search.before);
  return address;
}

/** The filter without states: what the counts by state are of, and what the feed has to tell of. */
export function filterOf(search: OrderSearch): OrderFilter {
  const filter: OrderFilter = {};
  if (search.customerId) filter.customerId = search.customerId;
  if (search.customerName.trim()) filter.customerName = search.customerName.trim();
  if (search.priorities.length > 0) filter.priorities = [...search.priorities];
  if (search.min || search.max) filter.total = { min: search.min || null, max: search.max || null };
  if (search.from || search.to) {
    filter.createdAt = {
      from: search.from ? new Date(`${search.from}T00:00:00`).toISOString() : null,
      to: search.to ? new Date(`${search.to}T23:59:59.999`).toISOString() : null,
    };
  }
  return filter;
}

/** What to ask the API for. */
export function variablesOf(search: OrderSearch): OrdersQueryVariables {
  const filter = filterOf(search);
  if (search.states.length > 0) filter.states = [...search.states];
  return {
    filter,
    sort: { field: search.sort, direction: search.ascending ? "ASC" : "DESC" },
    ...(search.before === null ? { first: PAGE, after: search.after } : { last: PAGE, before: search.before }),
  };
}
