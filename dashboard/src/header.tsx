import { Link } from "react-router";

import { Account } from "./session/account";
import { chooseTheme, useTheme, type Theme } from "./theme";

interface Page {
  to: string;
  name: string;
}

const PLAYGROUND = "/playground";

const PAGES: readonly Page[] = [
  { to: "/", name: "Orders" },
  { to: "/customers", name: "Customers" },
  { to: "/workflows", name: "Workflows" },
  { to: "/guide", name: "Guide" },
];

/** The server removes the meta tag from the page if its playground is disabled. */
const hasPlayground = (path: string) => path === PLAYGROUND || document.querySelector("meta[name=playground]") !== null;

/** The playground is a separate document with its own security policy, so links to and from it reload. */
export function Header({ path }: { path: string }) {
  const theme = useTheme();
  const pages = hasPlayground(path) ? [...PAGES, { to: PLAYGROUND, name: "Playground" }] : PAGES;
  return (
    <header className="border-b border-slate-200 bg-white dark:border-slate-800 dark:bg-slate-900">
      <div className="mx-auto flex max-w-7xl flex-wrap items-center gap-x-5 gap-y-2 px-4 py-2.5">
        <nav aria-label="Pages" className="flex flex-wrap items-center gap-x-1">
          {pages.map(({ to, name }) => (
            <Link
              key={to}
              to={to}
              reloadDocument={to === PLAYGROUND || path === PLAYGROUND}
              aria-current={path === to ? "page" : undefined}
              className="rounded-lg px-2.5 py-1.5 text-sm font-medium text-slate-700 hover:bg-slate-100 aria-[current]:bg-indigo-100 aria-[current]:text-indigo-900 dark:text-slate-300 dark:hover:bg-slate-800 dark:aria-[current]:bg-indigo-950 dark:aria-[current]:text-indigo-200"
            >
              {name}
            </Link>
          ))}
        </nav>
        <div className="ml-auto flex flex-wrap items-center gap-x-4 gap-y-2">
          <Account />
          <label className="flex items-center gap-2 text-sm">
            <span className="muted max-sm:sr-only">Theme</span>
            <select className="input w-auto" value={theme} onChange={(event) => { chooseTheme(event.target.value as Theme); }}>
              <option value="system">System</option>
              <option value="light">Light</option>
              <option value="dark">Dark</option>
            </select>
          </label>
        </div>
      </div>
    </header>
  );
}
