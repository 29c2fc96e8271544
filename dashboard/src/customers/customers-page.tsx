import { useState } from "react";
import { Link } from "react-router";
import { useQuery } from "urql";

import { useRetryWhileUnavailable } from "../connection/use-retry-while-unavailable";
import type { CustomerRowFragment } from "../generated/graphql";
import { MissingScopes, missingScopes } from "../session/missing-scopes";
import { useMay } from "../session/session";
import { DebouncedField } from "../ui/debounced-field";
import { formatDateTime } from "../ui/format";
import { useLatestDefined, useTitle } from "../ui/hooks";
import { Loading, Notice, RequestFailed } from "../ui/notice";
import { FIRST_PAGE, PageButtons, pageVariables, type PageCursors } from "../ui/paging";
import { useUrlSearch } from "../ui/use-url-search";
import { CustomerDialog } from "./customer-dialog";
import { DeleteDialog } from "./delete-dialog";
import { CUSTOMERS } from "./operations";

interface CustomerSearch extends PageCursors {
  search: string;
}

const FORMAT = {
  readSearch: (params: URLSearchParams): CustomerSearch => ({
    search: params.get("search") ?? "",
    after: params.get("after"),
    before: params.get("before"),
  }),
  writeSearch: ({ search, after, before }: CustomerSearch) =>
    new URLSearchParams({ ...(search && { search }), ...(after !== null && { after }), ...(before !== null && { before }) }),
};

type OpenDialog = { action: "create" } | { action: "edit" | "delete"; customer: CustomerRowFragment };

function noCustomers(search: string, { after, before }: PageCursors): string {
  if ((after ?? before) !== null) return "There are no customers on this page any more.";
  return search ? "No customers match this search." : "No customers yet. Create one with New customer.";
}

export function CustomersPage() {
  useTitle("Customers");
  const mayWrite = useMay("customers:write");
  const { search: { search, ...cursors }, change, goTo } = useUrlSearch(FORMAT);
  const [result, execute] = useQuery({ query: CUSTOMERS, variables: { search: search || null, ...pageVariables(cursors) } });
  const loaded = result.data?.customers ?? undefined;
  const page = useLatestDefined(loaded);
  const reload = () => { execute({ requestPolicy: "network-only" }); };
  useRetryWhileUnavailable(result.error, reload);

  const [open, setOpen] = useState<OpenDialog>();
  const [message, setMessage] = useState<string>();
  const finish = (text: string) => {
    setOpen(undefined);
    setMessage(text);
  };
  const close = () => { setOpen(undefined); };

  const missing = missingScopes(result.error);
  if (missing.length > 0) return <MissingScopes missing={missing} />;
  return (
    <>
      <div className="mb-4 flex flex-wrap items-center justify-between gap-3">
        <h1>Customers</h1>
        {mayWrite && <button type="button" className="button button-primary" onClick={() => { setOpen({ action: "create" }); }}>New customer</button>}
      </div>
      <search className="max-w-md">
        <DebouncedField
          label="Search"
          type="search"
          hint="Any part of the name or email"
          value={search}
          onChange={(text) => { change(() => ({ search: text, ...FIRST_PAGE })); }}
        />
      </search>
      <div className="my-3 empty:hidden">{message && <Notice tone="success">{message}</Notice>}</div>
      {result.error && <div className="mb-3"><RequestFailed error={result.error} retry={reload} /></div>}
      {!page && !result.error && <Loading what="customers" />}
      {page && (
        <>
          <p role="status" className="muted my-2 text-sm">{countOf(page.totalCount ?? 0)}</p>
          {page.nodes.length > 0 ? (
            <CustomerTable
              customers={page.nodes}
              mayWrite={mayWrite}
              onEdit={(customer) => { setOpen({ action: "edit", customer }); }}
              onDelete={(customer) => { setOpen({ action: "delete", customer }); }}
            />
          ) : <p className="card py-12 text-center">{noCustomers(search, cursors)}</p>}
          <PageButtons
            label="Customer pages"
            {...cursors}
            pageInfo={page.pageInfo}
            isStale={loaded === undefined}
            goTo={(next) => { goTo((latest) => ({ ...latest, ...next })); }}
          />
        </>
      )}
      {open?.action === "create" && <CustomerDialog onClose={close} onSaved={({ name }) => { finish(`${name} was created.`); }} />}
      {open?.action === "edit" && <CustomerDialog customer={open.customer} onClose={close} onSaved={({ name }) => { finish(`${name} was updated.`); }} />}
      {open?.action === "delete" && <DeleteDialog customer={open.customer} onClose={close} onDeleted={() => { finish(`${open.customer.name} was deleted.`); }} />}
    </>
  );
}

const countOf = (count: number) => `${count.toLocaleString()} ${count === 1 ? "customer" : "customers"}`;

interface CustomerTableProps {
  customers: readonly CustomerRowFragment[];
  mayWrite: boolean;
  onEdit: (customer: CustomerRowFragment) => void;
  onDelete: (customer: CustomerRowFragment) => void;
}

function CustomerTable({ customers, mayWrite, onEdit, onDelete }: CustomerTableProps) {
  return (
    <div className="card overflow-x-auto p-0 sm:p-0">
      <table className="table">
        <caption className="sr-only">Customers, newest first</caption>
        <thead>
          <tr>
            <th scope="col">Name</th>
            <th scope="col" className="max-sm:hidden">Email</th>
            <th scope="col" className="max-md:hidden">Phone</th>
            <th scope="col" className="max-lg:hidden">Created</th>
            <th scope="col"><span className="sr-only">Actions</span></th>
          </tr>
        </thead>
        <tbody>
          {customers.map((customer) => (
            <tr key={customer.id}>
              <td className="wrap-anywhere">{customer.name}<span className="muted block text-xs sm:hidden">{customer.email}</span></td>
              <td className="wrap-anywhere max-sm:hidden">{customer.email}</td>
              <td className="max-md:hidden">{customer.phone}</td>
              <td className="whitespace-nowrap max-lg:hidden"><time dateTime={customer.createdAt}>{formatDateTime(customer.createdAt)}</time></td>
              <td>
                <div className="flex flex-wrap justify-end gap-1.5">
                  <Link className="button" to={`/?customer=${encodeURIComponent(customer.id)}`}>Orders<span className="sr-only"> of {customer.name}</span></Link>
                  {mayWrite && (
                    <>
                      <button type="button" className="button" onClick={() => { onEdit(customer); }}>Edit<span className="sr-only"> {customer.name}</span></button>
                      <button type="button" className="button button-danger" onClick={() => { onDelete(customer); }}>Delete<span className="sr-only"> {customer.name}</span></button>
                    </>
                  )}
                </div>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
