import { Link } from "react-router";

import { formatDuration, formatDateTime, formatMoney, enumLabel } from "../ui/format";
import type { OrderOnPage } from "./use-live-order";

export function ItemsCard({ order }: { order: OrderOnPage }) {
  return (
    <section className="card" aria-labelledby="items">
      <h2 id="items" className="mb-2">Items</h2>
      <table className="w-full text-sm">
        <thead className="sr-only"><tr><th scope="col">Item</th><th scope="col">Quantity and price</th></tr></thead>
        <tbody>
          {order.items.map((item) => (
            <tr key={item.id} className="border-b border-slate-100 align-top dark:border-slate-800/60">
              <td className="py-1.5 pr-3 wrap-anywhere">{item.name ?? item.sku}{item.name && <span className="muted block text-xs">{item.sku}</span>}</td>
              <td className="py-1.5 text-right whitespace-nowrap tabular-nums">{item.quantity} × {formatMoney(item.unitPrice)}</td>
            </tr>
          ))}
        </tbody>
        <tfoot>
          <tr><th scope="row" className="pt-2 text-left font-medium">Total</th><td className="pt-2 text-right font-semibold tabular-nums">{formatMoney(order.total)}</td></tr>
        </tfoot>
      </table>
    </section>
  );
}

export function ShippingAddressCard({ order }: { order: OrderOnPage }) {
  const { customer, shippingAddress: address } = order;
  const cityLine = [address.city, address.region, address.postalCode].filter(Boolean).join(", ");
  return (
    <section className="card" aria-labelledby="ships-to">
      <h2 id="ships-to" className="mb-2">Ships to</h2>
      <address className="text-sm not-italic wrap-anywhere">
        {customer && <><Link to={`/?customer=${encodeURIComponent(customer.id)}`} className="text-link">{customer.name}</Link><br /></>}
        <span data-testid="address">{address.street}<br />{cityLine}<br />{address.country}</span>
      </address>
      {customer && <p className="muted mt-2 text-sm wrap-anywhere">{customer.email}{customer.phone && ` · ${customer.phone}`}</p>}
    </section>
  );
}

export function PaymentCard({ order }: { order: OrderOnPage }) {
  const { payment } = order;
  return (
    <section className="card" aria-labelledby="payment">
      <h2 id="payment" className="mb-2">Payment</h2>
      {payment ? (
        <dl className="details">
          <dt>Status</dt><dd>{enumLabel(payment.status)}</dd>
          <dt>Amount</dt><dd>{formatMoney(payment.amount)}</dd>
          <dt>ID</dt><dd><code>{payment.id}</code></dd>
          <dt>Updated</dt><dd><time dateTime={payment.updatedAt}>{formatDateTime(payment.updatedAt)}</time></dd>
        </dl>
      ) : <p className="muted text-sm">No payment yet.</p>}
    </section>
  );
}

export function PolicyCard({ policy }: { policy: OrderOnPage["policy"] }) {
  const limit = (duration: string | null | undefined) => (duration ? formatDuration(duration) : "no limit");
  const attempts = (maximum: number | null | undefined) => (maximum == null ? "unlimited attempts" : maximum === 1 ? "1 attempt" : `${maximum} attempts`);
  const retries = (delay: string, factor: number, longest?: string | null) => {
    const growth = factor === 1 ? [] : [`backoff × ${factor}`];
    if (longest) growth.push(`at most ${formatDuration(longest)}`);
    return `retry after ${formatDuration(delay)}${growth.length > 0 ? ` (${growth.join(", ")})` : ""}`;
  };
  return (
    <section className="card" aria-labelledby="policy">
      <h2 id="policy" className="mb-2">Policy</h2>
      <dl className="details">
        <dt>Review</dt><dd>{enumLabel(policy.reviewMode)}{policy.reviewMode !== "NONE" && `, ${limit(policy.reviewTimeout)}`}</dd>
        <dt>Deadline</dt><dd>{limit(policy.deadline)}</dd>
        <dt>Activities</dt><dd>{formatDuration(policy.activityTimeout)} per attempt, {policy.activityTotalTimeout && `${formatDuration(policy.activityTotalTimeout)} in all, `}{attempts(policy.activityAttempts)}, {retries(policy.activityRetryDelay, policy.activityRetryBackoff, policy.activityMaxRetryDelay)}</dd>
        <dt>Shipping</dt><dd>{attempts(policy.shippingAttempts)}, {retries(policy.shippingRetryDelay, policy.shippingRetryBackoff)}</dd>
        <dt>Delivery</dt><dd>{policy.deliveryTimeout ? `waits ${formatDuration(policy.deliveryTimeout)} for confirmation` : "no confirmation required"}</dd>
      </dl>
    </section>
  );
}
