import { graphql } from "../generated";

export const START_ORDER = graphql(`
  mutation StartOrder($input: StartOrderInput!) {
    startOrder(input: $input) {
      __typename
      ... on OrderStarted { replayed order { id state } }
      ... on InvalidInput { message fields { path message } }
      ... on CustomerNotFound { message customerId }
      ... on OrderConflict { message orderId differs }
      ... on PaymentConflict { message paymentId }
    }
  }
`);
