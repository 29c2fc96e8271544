import { Link } from "react-router";

import { inDuration, inMoment, inMoney, inWords } from "../ui/words";
import type { OrderOnPage } from "./use-live-order";

export function Items({ order }: { order: OrderOnPage }) {
  return (
    <section className="card" aria-labelledby="items">
      <h2 id="items" className="mb-2">Items</h2>
      <table className="w-full text-sm">
        <thead className="sr-only"><tr><th scope="col">Item</th><th scope="col">Quantity and price</th></tr></thead>
        <tbody>
          {order.items.map((item, index) => (
            <tr key={index} className="border-b border-slate-100 align-top dark:border-slate-800/60">
              <td className="py-1.5 pr-3 wrap-anywhere">{item.name ?? item.sku}{item.name && <span className="quiet block text-xs">{item.sku}</span>}</td>
              <td className="py-1.5 text-right whitespace-nowrap tabular-nums">{item.quantity} × {inMoney(item.unitPrice)}</td>
            </tr>
          ))}
        </tbody>
        <tfoot>
          <tr><th scope="row" className="pt-2 text-left font-medium">Total</th><td className="pt-2 text-right font-semibold tabular-nums">{inMoney(order.total)}</td></tr>
        </tfoot>
      </table>
    </section>
  );
}

export function Delivery({ order }: { order: OrderOnPage }) {
  const { customer, shippingAddress: address } = order;
  const town = [address.city, address.region, address.postalCode].filter(Boolean).join(", ");
  return (
    <section className="card" aria-labelledby="delivery">
      <h2 id="delivery" className="mb-2">Goes to</h2>
      <address className="text-sm not-italic wrap-anywhere">
        {customer && <><Link to={`/?customer=${encodeURIComponent(customer.id)}`} className="text-link">{customer.name}</Link><br /></>}
        <span data-testid="address">{address.street}<br />{town}<br />{address.country}</span>
      </address>
      {customer && <p className="quiet mt-2 text-sm wrap-anywhere">{customer.email}{customer.phone && ` · ${customer.phone}`}</p>}
    </section>
  );
}

export function PaymentCard({ order }: { order: OrderOnPage }) {
  const { payment } = order;
  return (
    <section className="card" aria-labelledby="payment">
      <h2 id="payment" className="mb-2">Payment</h2>
      {payment ? (
        <dl className="facts">
          <dt>Status</dt><dd>{inWords(payment.status)}</dd>
          <dt>Amount</dt><dd>{inMoney(payment.amount)}</dd>
          <dt>Id</dt><dd><code>{payment.id}</code></dd>
          <dt>Since</dt><dd><time dateTime={payment.updatedAt}>{inMoment(payment.updatedAt)}</time></dd>
        </dl>
      ) : <p className="quiet text-sm">None on record.</p>}
    </section>
  );
}

export function PolicyCard({ policy }: { policy: OrderOnPage["policy"] }) {
  const limit = (duration: string | null | undefined) => (duration ? inDuration(duration) : "no limit");
  const backoff = (delay: string, factor: number) => `${inDuration(delay)}${factor === 1 ? "" : `, then × ${factor}`}`;
  return (
    <section className="card" aria-labelledby="policy">
      <h2 id="policy" className="mb-2">Policy</h2>
      <dl className="facts">
        <dt>Review</dt><dd>{inWords(policy.reviewMode)}{policy.reviewMode !== "NONE" && `, ${limit(policy.reviewTimeout)}`}</dd>
        <dt>Deadline</dt><dd>{limit(policy.deadline)}</dd>
        <dt>A step</dt><dd>{inDuration(policy.activityTimeout)} an attempt, {policy.activityAttempts ?? "any number of"} attempts, {backoff(policy.activityRetryDelay, policy.activityRetryBackoff)} between</dd>
        <dt>Shipping</dt><dd>{policy.shippingAttempts} attempts, {backoff(policy.shippingRetryDelay, policy.shippingRetryBackoff)} between</dd>
        <dt>Delivery</dt><dd>{policy.deliveryTimeout ? `waits ${inDuration(policy.deliveryTimeout)} to be confirmed` : "not waited for"}</dd>
      </dl>
    </section>
  );
}
