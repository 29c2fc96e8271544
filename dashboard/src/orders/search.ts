import type { OrderFilter, OrderSortField, OrdersQueryVariables, OrderState, Priority } from "../generated/graphql";
import { STATES } from "../ui/format";
import { pageVariables, type PageCursors } from "../ui/paging";

/** Filters, sort and page of the orders list. They are kept in the query string of its URL. */
export interface OrderSearch extends PageCursors {
  customerId: string;
  customerName: string;
  states: readonly OrderState[];
  priorities: readonly Priority[];
  /** Without a currency, totals can be neither filtered nor sorted. */
  currency: string;
  min: string;
  max: string;
  from: string;
  to: string;
  sort: OrderSortField;
  ascending: boolean;
}

/** Changes filters and sort. The function gets the latest search, which may not be rendered yet. */
export type ChangeFilters = (next: (latest: OrderSearch) => Partial<OrderSearch>) => void;

export const PRIORITIES: readonly Priority[] = ["NORMAL", "HIGH", "URGENT"];
const SORTS_OF_ALL: readonly OrderSortField[] = ["CREATED_AT", "UPDATED_AT"];
const SORTS: readonly OrderSortField[] = [...SORTS_OF_ALL, "TOTAL"];

/** HTML pattern of a decimal amount. */
export const AMOUNT = String.raw`\d{1,15}(\.\d{1,4})?`;
const AMOUNT_PATTERN = new RegExp(`^${AMOUNT}$`);
const CURRENCY_PATTERN = /^[A-Z]{3}$/;
const DATE_PATTERN = /^\d{4}-\d{2}-\d{2}$/;

const onlyAllowed = <T extends string>(allowed: readonly T[], values: readonly string[]): T[] =>
  allowed.filter((name) => values.includes(name));

const matching = (pattern: RegExp, value: string | null): string => (value !== null && pattern.test(value) ? value : "");

/** Parse the query string. Values that the page does not offer are ignored. */
export function readSearch(params: URLSearchParams): OrderSearch {
  const currency = matching(CURRENCY_PATTERN, params.get("currency"));
  return {
    customerId: params.get("customer") ?? "",
    customerName: params.get("name") ?? "",
    states: onlyAllowed(STATES, params.getAll("state")),
    priorities: onlyAllowed(PRIORITIES, params.getAll("priority")),
    currency,
    min: currency && matching(AMOUNT_PATTERN, params.get("min")),
    max: currency && matching(AMOUNT_PATTERN, params.get("max")),
    from: matching(DATE_PATTERN, params.get("from")),
    to: matching(DATE_PATTERN, params.get("to")),
    sort: onlyAllowed(currency ? SORTS : SORTS_OF_ALL, [params.get("sort") ?? ""])[0] ?? "CREATED_AT",
    ascending: params.get("direction") === "ASC",
    after: params.get("after"),
    before: params.get("before"),
  };
}

/** Write the address that reads as this search. */
export function writeSearch(search: OrderSearch): URLSearchParams {
  const params = new URLSearchParams();
  const put = (name: string, value: string | null) => {
    if (value) params.append(name, value);
  };
  put("customer", search.customerId);
  put("name", search.customerName);
  for (const state of search.states) put("state", state);
  for (const priority of search.priorities) put("priority", priority);
  put("currency", search.currency);
  if (search.currency) {
    put("min", search.min);
    put("max", search.max);
  }
  put("from", search.from);
  put("to", search.to);
  if (search.sort !== "CREATED_AT" && (search.sort !== "TOTAL" || search.currency)) put("sort", search.sort);
  if (search.ascending) put("direction", "ASC");
  put("after", search.after);
  put("before", search.before);
  return params;
}

/** The filter without states, as the counts by state and the feed need it. */
export function filterOf(search: OrderSearch): OrderFilter {
  const filter: OrderFilter = {};
  if (search.customerId) filter.customerId = search.customerId;
  if (search.customerName.trim()) filter.customerName = search.customerName.trim();
  if (search.priorities.length > 0) filter.priorities = [...search.priorities];
  if (search.currency) {
    filter.currency = search.currency;
    if (search.min || search.max) filter.total = { from: search.min || null, to: search.max || null };
  }
  if (search.from || search.to) {
    filter.createdAt = {
      from: search.from ? new Date(`${search.from}T00:00:00`).toISOString() : null,
      to: search.to ? new Date(`${search.to}T23:59:59.999`).toISOString() : null,
    };
  }
  return filter;
}

export function variablesOf(search: OrderSearch): OrdersQueryVariables {
  const filter = filterOf(search);
  if (search.states.length > 0) filter.states = [...search.states];
  return {
    filter,
    sort: { field: search.sort, direction: search.ascending ? "ASC" : "DESC" },
    ...pageVariables(search),
  };
}
