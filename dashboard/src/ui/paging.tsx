/** The page starts after one cursor or ends before the other. Without either, it is the first page. */
export interface PageCursors {
  after: string | null;
  before: string | null;
}

interface PageInfo {
  hasNextPage: boolean;
  hasPreviousPage: boolean;
  startCursor?: string | null;
  endCursor?: string | null;
}

interface PageButtonsProps extends PageCursors {
  label: string;
  pageInfo: PageInfo;
  isStale: boolean;
  goTo: (cursors: PageCursors) => void;
}

const PAGE_SIZE = 25;

export const FIRST_PAGE: PageCursors = { after: null, before: null };

/** The paging arguments of a connection. */
export const pageVariables = ({ after, before }: PageCursors) =>
  before === null ? { first: PAGE_SIZE, after } : { last: PAGE_SIZE, before };

export function PageButtons({ label, after, before, pageInfo, isStale, goTo }: PageButtonsProps) {
  return (
    <nav aria-label={label} className="mt-4 flex gap-2">
      <button
        type="button"
        className="button"
        disabled={isStale || !pageInfo.hasPreviousPage}
        onClick={() => { goTo({ ...FIRST_PAGE, before: pageInfo.startCursor ?? null }); }}
      >
        Previous
      </button>
      <button
        type="button"
        className="button"
        disabled={isStale || !pageInfo.hasNextPage}
        onClick={() => { goTo({ ...FIRST_PAGE, after: pageInfo.endCursor ?? null }); }}
      >
        Next
      </button>
      {(after ?? before) !== null && (
        <button type="button" className="button" onClick={() => { goTo(FIRST_PAGE); }}>First page</button>
      )}
    </nav>
  );
}
