// Documents of a list of orders and of the page of one order, as Relay's compiler accepts them.
import { graphql } from "relay-runtime";

export const ordersPage = graphql`
  query ordersPageQuery($filter: OrderFilter) {
    ...orders_list @arguments(filter: $filter)
  }
`;

// usePaginationFragment loads more of this list.
export const ordersList = graphql`
  fragment orders_list on Query
  @refetchable(queryName: "ordersListPaginationQuery")
  @argumentDefinitions(filter: { type: "OrderFilter" }, first: { type: "Int", defaultValue: 20 }, after: { type: "String" }) {
    orders(filter: $filter, first: $first, after: $after) @connection(key: "orders_list_orders", filters: ["filter"]) {
      totalCount
      edges {
        node {
          id
          ...orders_row
        }
      }
    }
  }
`;

export const ordersRow = graphql`
  fragment orders_row on Order {
    state
    total {
      amount
      currency
    }
    customer {
      name
    }
  }
`;

export const orderPage = graphql`
  query ordersOrderQuery($id: ID!) {
    order(id: $id) {
      ...orders_row
      shipments {
        trackingNumber
      }
      events(first: 100) {
        nodes {
          type
          detail {
            __typename
            ... on ShipmentDetail {
              trackingNumber
            }
          }
        }
      }
    }
  }
`;

export const cancelOrder = graphql`
  mutation ordersCancelMutation($input: CancelOrderInput!) {
    cancelOrder(input: $input) {
      __typename
      ... on CommandResult {
        orderId
      }
      ... on CommandApplied {
        order {
          state
        }
      }
      ... on UserError {
        code
        message
      }
    }
  }
`;

export const orderEvents = graphql`
  subscription ordersEventsSubscription($orderId: ID!, $afterSequence: Int!) {
    orderEvents(orderId: $orderId, afterSequence: $afterSequence) {
      sequence
      type
      order {
        ...orders_row
      }
    }
  }
`;
