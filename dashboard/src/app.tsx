import { lazy, Suspense, useEffect, useRef } from "react";
import { Link, Navigate, Route, Routes, useLocation } from "react-router";

import { useConnectionStatus } from "./connection/status";
import { Header } from "./header";
import { OrdersPage } from "./orders/orders-page";
import { SIGN_IN_PATH } from "./session/session";
import { Loading, Notice } from "./ui/notice";

// Most visits start at the orders list, so it is in the first bundle. Other pages load on demand.
const OrderPage = lazy(async () => ({ default: (await import("./order/order-page")).OrderPage }));
const NewOrderPage = lazy(async () => ({ default: (await import("./new-order/new-order-page")).NewOrderPage }));
const CustomersPage = lazy(async () => ({ default: (await import("./customers/customers-page")).CustomersPage }));
const WorkflowsPage = lazy(async () => ({ default: (await import("./workflows/workflows-page")).WorkflowsPage }));
const GuidePage = lazy(async () => ({ default: (await import("./guide/guide-page")).GuidePage }));

export function App() {
  const { pathname } = useLocation();
  const main = useRef<HTMLElement>(null);
  const currentPath = useRef(pathname);

  // After a navigation, move the focus and the scroll position to the top of the new page.
  useEffect(() => {
    if (currentPath.current === pathname) return;
    currentPath.current = pathname;
    main.current?.focus({ preventScroll: true });
    window.scrollTo(0, 0);
  }, [pathname]);

  return (
    <>
      <a href="#main" className="button sr-only focus:not-sr-only focus:absolute focus:m-2">Skip to main content</a>
      <Header path={pathname} />
      <ConnectionNotice />
      <main id="main" ref={main} tabIndex={-1} className="mx-auto max-w-7xl px-4 py-5 outline-none sm:py-7">
        <Suspense fallback={<Loading what="page" />}>
          <Routes>
            <Route path="/" element={<OrdersPage />} />
            <Route path="/new-order" element={<NewOrderPage />} />
            <Route path="/orders/:id" element={<OrderPage />} />
            <Route path="/customers" element={<CustomersPage />} />
            <Route path="/workflows" element={<WorkflowsPage />} />
            <Route path="/guide" element={<GuidePage />} />
            <Route path={SIGN_IN_PATH} element={<Navigate to="/" replace />} />
            <Route path="*" element={<NotFoundPage />} />
          </Routes>
        </Suspense>
      </main>
    </>
  );
}

/** The live region is always rendered: screen readers announce only changes inside an existing region. */
function ConnectionNotice() {
  const status = useConnectionStatus();
  return (
    <div aria-live="polite" className="mx-auto max-w-7xl px-4">
      {status === "lost" && (
        <div className="pt-3">
          <Notice tone="warning">
            Connection lost. This page may be out of date. Reconnecting; missed updates will be loaded.
          </Notice>
        </div>
      )}
    </div>
  );
}

function NotFoundPage() {
  return (
    <div className="py-16 text-center">
      <h1>Page not found</h1>
      <p className="mt-3"><Link to="/" className="text-link">Go to orders</Link></p>
    </div>
  );
}
