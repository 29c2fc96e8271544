import { Link } from "react-router";

import type { OrderRowFragment } from "../generated/graphql";
import { StateBadge } from "../ui/state-badge";
import { formatDateTime, formatMoney, enumLabel } from "../ui/format";

export function OrderTable({ orders }: { orders: readonly OrderRowFragment[] }) {
  return (
    <div className="card overflow-x-auto p-0 sm:p-0">
      <table className="table">
        <caption className="sr-only">Orders, updated live</caption>
        <thead>
          <tr>
            <th scope="col">Order</th>
            <th scope="col" className="max-sm:hidden">Customer</th>
            <th scope="col">State</th>
            <th scope="col" className="max-md:hidden">Priority</th>
            <th scope="col" className="text-right">Total</th>
            <th scope="col" className="max-lg:hidden">Created</th>
            <th scope="col" className="max-md:hidden">Last event</th>
          </tr>
        </thead>
        <tbody>
          {orders.map((order) => <OrderRow key={order.id} order={order} />)}
        </tbody>
      </table>
    </div>
  );
}

function OrderRow({ order }: { order: OrderRowFragment }) {
  const customer = order.customer?.name ?? "";
  return (
    <tr className="hover:bg-slate-50 dark:hover:bg-slate-800/40">
      <td>
        <Link to={`/orders/${encodeURIComponent(order.id)}`} className="text-link font-medium wrap-anywhere">{order.id}</Link>
        <span className="muted block text-xs sm:hidden">{customer}</span>
      </td>
      <td className="max-sm:hidden">{customer}</td>
      {/* A new sequence is a new key: React mounts a new element, which replays the highlight. */}
      <td><span key={order.sequence} className="highlight inline-block rounded-full"><StateBadge state={order.state} /></span></td>
      <td className="max-md:hidden">{enumLabel(order.priority)}</td>
      <td className="text-right whitespace-nowrap tabular-nums">{formatMoney(order.total)}</td>
      <td className="whitespace-nowrap max-lg:hidden"><time dateTime={order.createdAt}>{formatDateTime(order.createdAt)}</time></td>
      <td className="whitespace-nowrap max-md:hidden"><time dateTime={order.updatedAt}>{formatDateTime(order.updatedAt)}</time></td>
    </tr>
  );
}
