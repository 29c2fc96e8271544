import { lazy, Suspense, useEffect, useRef } from "react";
import { Link, Route, Routes, useLocation } from "react-router";

import { useConnectionStatus } from "./connection/status";
import { Header } from "./header";
import { OrdersPage } from "./orders/orders-page";
import { Loading, Notice } from "./ui/notice";

// Orders is what most people open, and comes first; the rest comes when it is asked for.
const OrderPage = lazy(async () => ({ default: (await import("./order/order-page")).OrderPage }));
const NewOrderPage = lazy(async () => ({ default: (await import("./start/new-order-page")).NewOrderPage }));
const CustomersPage = lazy(async () => ({ default: (await import("./customers/customers-page")).CustomersPage }));
const GuidePage = lazy(async () => ({ default: (await import("./guide/guide-page")).GuidePage }));

export function App() {
  const { pathname } = useLocation();
  const main = useRef<HTMLElement>(null);
  const shown = useRef(pathname);

  // A page that was followed to is read from its beginning; the first one has the browser's own focus.
  useEffect(() => {
    if (shown.current === pathname) return;
    shown.current = pathname;
    main.current?.focus({ preventScroll: true });
    window.scrollTo(0, 0);
  }, [pathname]);

  return (
    <>
      <a href="#main" className="button sr-only focus:not-sr-only focus:absolute focus:m-2">Skip to the page</a>
      <Header path={pathname} />
      <ConnectionNotice />
      <main id="main" ref={main} tabIndex={-1} className="mx-auto max-w-7xl px-4 py-5 outline-none sm:py-7">
        <Suspense fallback={<Loading what="the page" />}>
          <Routes>
            <Route path="/" element={<OrdersPage />} />
            <Route path="/new-order" element={<NewOrderPage />} />
            <Route path="/orders/:id" element={<OrderPage />} />
            <Route path="/customers" element={<CustomersPage />} />
            <Route path="/guide" element={<GuidePage />} />
            <Route path="*" element={<NoSuchPage />} />
          </Routes>
        </Suspense>
      </main>
    </>
  );
}

/** Always there, so that a screen reader hears when it fills. */
function ConnectionNotice() {
  const status = useConnectionStatus();
  return (
    <div aria-live="polite" className="mx-auto max-w-7xl px-4">
      {status === "lost" && (
        <div className="pt-3">
          <Notice tone="wait">
            Connection lost: what you see may be behind. Connecting again; what was missed will be caught up with.
          </Notice>
        </div>
      )}
    </div>
  );
}

function NoSuchPage() {
  return (
    <div className="py-16 text-center">
      <h1>There is no such page</h1>
      <p className="mt-3"><Link to="/" className="text-link">To the orders</Link></p>
    </div>
  );
}
