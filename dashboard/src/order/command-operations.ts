import { graphql } from "../generated";

export const VERDICT = graphql(`
  fragment Verdict on OrderCommandResult {
    __typename
    ... on CommandResult { orderId commandId command }
    ... on CommandApplied { replayed order { id sequence state availableCommands } }
    ... on CommandRefused { reason message state order { id sequence state availableCommands } }
    ... on CommandConflict { message }
    ... on OrderNotFound { orderId message }
    ... on InvalidInput { message fields { path message } }
  }
`);

export const COMMAND = graphql(`
  query Command($orderId: ID!, $commandId: ID!) {
    command(orderId: $orderId, commandId: $commandId) { ...Verdict }
  }
`);

export const APPROVE = graphql(`
  mutation ApproveOrder($input: ApproveOrderInput!) { verdict: approveOrder(input: $input) { ...Verdict } }
`);

export const REJECT = graphql(`
  mutation RejectOrder($input: RejectOrderInput!) { verdict: rejectOrder(input: $input) { ...Verdict } }
`);

export const CANCEL = graphql(`
  mutation CancelOrder($input: CancelOrderInput!) { verdict: cancelOrder(input: $input) { ...Verdict } }
`);

export const UPDATE_ADDRESS = graphql(`
  mutation UpdateAddress($input: UpdateAddressInput!) { verdict: updateAddress(input: $input) { ...Verdict } }
`);

export const CANCEL_PAYMENT = graphql(`
  mutation CancelPayment($input: CancelPaymentInput!) { verdict: cancelPayment(input: $input) { ...Verdict } }
`);

export const CONFIRM_DELIVERY = graphql(`
  mutation ConfirmDelivery($input: ConfirmDeliveryInput!) { verdict: confirmDelivery(input: $input) { ...Verdict } }
`);
