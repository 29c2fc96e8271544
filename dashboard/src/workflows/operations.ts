import { graphql } from "../generated";

export const WORKFLOWS = graphql(`
  query Workflows($filter: WorkflowFilter, $first: Int, $after: String) {
    workflows(filter: $filter, first: $first, after: $after) {
      nodes { id workflowId status customerName orderTotal priority startedAt closedAt }
      pageInfo { hasNextPage endCursor }
      totalCount
      query
    }
  }
`);
