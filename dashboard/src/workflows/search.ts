import type { WorkflowFilter, WorkflowStatus, WorkflowsQueryVariables } from "../generated/graphql";

/** Filters and page of the workflow search. They are kept in the query string of its URL. */
export interface WorkflowSearch {
  statuses: readonly WorkflowStatus[];
  customerName: string;
  after: string | null;
}

const PAGE_SIZE = 25;

export const STATUSES: readonly WorkflowStatus[] = ["RUNNING", "PAUSED", "COMPLETED", "FAILED", "CANCELED", "TERMINATED", "TIMED_OUT"];

/** Parse the query string. Statuses that the page does not offer are ignored. */
export function readSearch(params: URLSearchParams): WorkflowSearch {
  const statuses = params.getAll("status");
  return {
    statuses: STATUSES.filter((status) => statuses.includes(status)),
    customerName: params.get("name") ?? "",
    after: params.get("after"),
  };
}

/** Write the address that reads as this search. */
export function writeSearch({ statuses, customerName, after }: WorkflowSearch): URLSearchParams {
  const params = new URLSearchParams();
  for (const status of statuses) params.append("status", status);
  if (customerName) params.append("name", customerName);
  if (after) params.append("after", after);
  return params;
}

export function variablesOf({ statuses, customerName, after }: WorkflowSearch): WorkflowsQueryVariables {
  const filter: WorkflowFilter = {};
  if (statuses.length > 0) filter.statuses = [...statuses];
  if (customerName.trim()) filter.customerName = customerName.trim();
  return { filter, first: PAGE_SIZE, after };
}
