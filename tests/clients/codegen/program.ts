// Compiled, never run: a new state, event detail, result or refusal reason makes `tsc` name the place that must know it.
import { graphql } from "./generated";
import type { CancelOrderMutation, CommandRefusalReason, OrderEventsSubscription, OrderState } from "./generated/graphql";

export const orderEvents = graphql(`
  subscription OrderEvents($orderId: ID!, $afterSequence: Int! = 0) {
    orderEvents(orderId: $orderId, afterSequence: $afterSequence) {
      sequence
      at
      detail {
        __typename
        ... on ReceiptDetail { total { amount currency } }
        ... on ReviewDetail { mode deadline }
        ... on ApprovalDetail { automatic note }
        ... on AddressChangeDetail { newAddress { city country } }
        ... on PaymentDetail { paymentId amount { amount currency } }
        ... on ShipmentDetail { attempt trackingNumber }
        ... on DeliveryDetail { trackingNumber }
        ... on FailureDetail { code message }
      }
    }
  }
`);

export const cancelOrder = graphql(`
  mutation CancelOrder($input: CancelOrderInput!) {
    cancelOrder(input: $input) {
      __typename
      ... on CommandApplied { replayed order { id state } }
      ... on CommandPending { commandId }
      ... on CommandRefused { reason }
      ... on CommandConflict { message }
      ... on OrderNotFound { orderId }
      ... on InvalidInput { fields { code path message } }
    }
  }
`);

/** Reports at compile time that a value is not handled. At run time, a newer server may send it. */
function unknown(value: never): string {
  return String(value);
}

export function progressOf(state: OrderState): number {
  switch (state) {
    case "PLACED": case "RECEIVED": case "VALIDATED": case "AWAITING_APPROVAL": return 0.1;
    case "APPROVED": case "PAID": return 0.3;
    case "SHIPPING": case "PACKAGE_PREPARED": case "CARRIER_DISPATCHED": return 0.6;
    case "SHIPPED": return 0.9;
    case "DELIVERED": case "COMPLETED": case "CANCELLED": case "FAILED": case "APPROVAL_TIMEOUT": return 1;
    default: return Number(unknown(state));
  }
}

export function textOf(detail: NonNullable<OrderEventsSubscription["orderEvents"]["detail"]>): string {
  switch (detail.__typename) {
    case "ReceiptDetail": return `${detail.total.amount} ${detail.total.currency}`;
    case "ReviewDetail": return `in review (${detail.mode}) until ${detail.deadline ?? "a decision"}`;
    case "ApprovalDetail": return detail.note ?? (detail.automatic ? "approved automatically" : "approved");
    case "AddressChangeDetail": return `now to ${detail.newAddress.city}, ${detail.newAddress.country}`;
    case "PaymentDetail": return detail.amount ? `${detail.amount.amount} ${detail.amount.currency}` : detail.paymentId;
    case "ShipmentDetail": return `attempt ${detail.attempt}: ${detail.trackingNumber ?? "no tracking number yet"}`;
    case "DeliveryDetail": return `delivered: ${detail.trackingNumber ?? ""}`;
    case "FailureDetail": return `${detail.code}: ${detail.message}`;
    default: return unknown(detail);
  }
}

export function outcomeOf(result: NonNullable<CancelOrderMutation["cancelOrder"]>): string {
  switch (result.__typename) {
    case "CommandApplied": return result.order?.state ?? "cancelled";
    case "CommandPending": return `stored as ${result.commandId}; it takes effect later`;
    case "CommandRefused": return reasonOf(result.reason);
    case "CommandConflict": return result.message;
    case "OrderNotFound": return `no order ${result.orderId}`;
    case "InvalidInput": return result.fields.map(({ path, message }) => `${path.join(".")} ${message}`).join("; ");
    default: return unknown(result);
  }
}

function reasonOf(reason: CommandRefusalReason): string {
  switch (reason) {
    case "ORDER_ENDED": case "WORKFLOW_CLOSED": return "the order has ended";
    case "BEING_UNDONE": return "the order is being cancelled";
    case "WRONG_STATE": case "ALREADY_APPROVED": return "too late";
    case "REVIEW_NOT_MANUAL": case "DELIVERY_NOT_AWAITED": return "not possible for this order";
    case "ADDRESS_CHANGE_LIMIT": case "COMMAND_LIMIT": return "no more changes are possible";
    case "INVALID_CONTENT": return "not valid";
    default: return unknown(reason);
  }
}
