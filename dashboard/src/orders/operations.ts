import { graphql } from "../generated";

export const ORDERS = graphql(`
  query Orders($filter: OrderFilter, $sort: OrderSort, $first: Int, $after: String, $last: Int, $before: String) {
    orders(filter: $filter, sort: $sort, first: $first, after: $after, last: $last, before: $before) {
      nodes { ...OrderRow }
      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
      stateCounts { state count }
      feedCursor
    }
  }
`);

export const ORDER_ROW = graphql(`
  fragment OrderRow on Order {
    id
    state
    sequence
    priority
    createdAt
    updatedAt
    total { amount currency }
    customer { id name }
  }
`);

export const ORDER_FEED = graphql(`
  subscription OrderFeed($filter: OrderFilter, $after: String) {
    orderFeed(filter: $filter, after: $after) {
      id
      orderId
      feedCursor
      order { ...OrderRow }
    }
  }
`);
