import { useCallback } from "react";
import { useLocation, useNavigate } from "react-router";

/** Reads and writes the query string of a page. */
interface Format<Search> {
  readSearch: (params: URLSearchParams) => Search;
  writeSearch: (search: Search) => URLSearchParams;
}

interface UrlSearch<Search> {
  search: Search;
  /** Replace the query string. The function gets the search of the address bar. */
  change: (next: (latest: Search) => Search) => void;
  /** As `change`, with an entry in the history of the browser. */
  goTo: (next: (latest: Search) => Search) => void;
}

/**
 * The search in the URL of a page.
 *
 * The router renders a navigation as a transition, so two changes may precede the next render. Each change is
 * therefore based on the address bar and not on the rendered search: otherwise the second would revert the first.
 */
export function useUrlSearch<Search>({ readSearch, writeSearch }: Format<Search>): UrlSearch<Search> {
  const { pathname, search } = useLocation();
  const navigate = useNavigate();
  const navigateTo = useCallback(
    (next: (latest: Search) => Search, replace: boolean) => {
      // A field may report its text while the next page is loading. That must not bring this page back.
      if (window.location.pathname !== pathname) return;
      const latest = readSearch(new URLSearchParams(window.location.search));
      void navigate(`?${writeSearch(next(latest))}`, { replace });
    },
    [navigate, pathname, readSearch, writeSearch],
  );
  return {
    search: readSearch(new URLSearchParams(search)),
    change: useCallback((next) => { navigateTo(next, true); }, [navigateTo]),
    goTo: useCallback((next) => { navigateTo(next, false); }, [navigateTo]),
  };
}

/** Add the value to the list, or remove it. */
export const toggled = <T>(list: readonly T[], value: T): T[] =>
  list.includes(value) ? list.filter((other) => other !== value) : [...list, value];
