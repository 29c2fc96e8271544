import { useEffect, useState } from "react";
import { Link, useSearchParams } from "react-router";
import { useQuery } from "urql";

import { useRetryWhileAway } from "../connection/use-retry-while-away";
import type { CustomerRowFragment } from "../generated/graphql";
import { TextField } from "../ui/field";
import { useLast, useSettled, useTitle } from "../ui/hooks";
import { Loading, Notice, RequestFailed } from "../ui/notice";
import { inMoment } from "../ui/words";
import { CustomerDialog } from "./customer-dialog";
import { DeleteDialog } from "./delete-dialog";
import { CUSTOMERS } from "./operations";

const PAGE = 25;

type Open = { what: "new" } | { what: "edit" | "delete"; customer: CustomerRowFragment };

export function CustomersPage() {
  useTitle("Customers");
  const [address, setAddress] = useSearchParams();
  const search = address.get("search") ?? "";
  const after = address.get("after");
  const [result, execute] = useQuery({ query: CUSTOMERS, variables: { search: search || null, first: PAGE, after } });
  const page = useLast(result.data?.customers ?? undefined);
  const readAgain = () => { execute({ requestPolicy: "network-only" }); };
  useRetryWhileAway(result.error, readAgain);

  const [open, setOpen] = useState<Open>();
  const [said, setSaid] = useState<string>();
  const done = (sentence: string) => {
    setOpen(undefined);
    setSaid(sentence);
  };
  const close = () => { setOpen(undefined); };

  return (
    <>
      <div className="mb-4 flex flex-wrap items-center justify-between gap-3">
        <h1>Customers</h1>
        <button type="button" className="button button-primary" onClick={() => { setOpen({ what: "new" }); }}>New customer</button>
      </div>
      <SearchField search={search} onSearch={(text) => { setAddress(text ? { search: text } : {}, { replace: true }); }} />
      <div className="my-3 empty:hidden">{said && <Notice tone="good">{said}</Notice>}</div>
      {result.error && <div className="mb-3"><RequestFailed error={result.error} retry={readAgain} /></div>}
      {!page && !result.error && <Loading what="customers" />}
      {page && (
        <>
          <p role="status" className="quiet mb-2 text-sm">{(page.totalCount ?? 0).toLocaleString()} found</p>
          {page.nodes.length > 0 ? (
            <CustomerTable
              customers={page.nodes}
              onEdit={(customer) => { setOpen({ what: "edit", customer }); }}
              onDelete={(customer) => { setOpen({ what: "delete", customer }); }}
            />
          ) : <p className="card py-12 text-center">{search ? "No customer matches." : "There are no customers yet."}</p>}
          <nav aria-label="Pages of customers" className="mt-4 flex gap-2">
            {after && <button type="button" className="button" onClick={() => { setAddress(search ? { search } : {}); }}>First page</button>}
            <button
              type="button"
              className="button"
              disabled={!page.pageInfo.hasNextPage}
              onClick={() => { setAddress({ ...(search && { search }), after: page.pageInfo.endCursor ?? "" }); }}
            >
              Next
            </button>
          </nav>
        </>
      )}
      {open?.what === "new" && <CustomerDialog onClose={close} onSaved={({ name }) => { done(`${name} is a customer now.`); }} />}
      {open?.what === "edit" && <CustomerDialog customer={open.customer} onClose={close} onSaved={({ name }) => { done(`${name} is saved.`); }} />}
      {open?.what === "delete" && <DeleteDialog customer={open.customer} onClose={close} onDeleted={() => { done(`${open.customer.name} is deleted.`); }} />}
    </>
  );
}

function SearchField({ search, onSearch }: { search: string; onSearch: (text: string) => void }) {
  const [typed, setTyped] = useState(search);
  const settled = useSettled(typed.trim());
  useEffect(() => {
    if (settled !== search) onSearch(settled);
    // Only a text that has settled counts: a changed address is not to be changed back.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [settled]);
  return (
    <search className="max-w-md">
      <TextField label="Search" type="search" hint="Any part of the name or e-mail address" value={typed} onChange={(event) => { setTyped(event.target.value); }} />
    </search>
  );
}

interface CustomerTableProps {
  customers: readonly CustomerRowFragment[];
  onEdit: (customer: CustomerRowFragment) => void;
  onDelete: (customer: CustomerRowFragment) => void;
}

function CustomerTable({ customers, onEdit, onDelete }: CustomerTableProps) {
  return (
    <div className="card overflow-x-auto p-0 sm:p-0">
      <table className="table">
        <caption className="sr-only">Customers, the latest first</caption>
        <thead>
          <tr>
            <th scope="col">Name</th>
            <th scope="col" className="max-sm:hidden">E-mail address</th>
            <th scope="col" className="max-md:hidden">Phone</th>
            <th scope="col" className="max-lg:hidden">Since</th>
            <th scope="col"><span className="sr-only">What can be done</span></th>
          </tr>
        </thead>
        <tbody>
          {customers.map((customer) => (
            <tr key={customer.id}>
              <td className="wrap-anywhere">{customer.name}<span className="quiet block text-xs sm:hidden">{customer.email}</span></td>
              <td className="wrap-anywhere max-sm:hidden">{customer.email}</td>
              <td className="max-md:hidden">{customer.phone}</td>
              <td className="whitespace-nowrap max-lg:hidden"><time dateTime={customer.createdAt}>{inMoment(customer.createdAt)}</time></td>
              <td>
                <div className="flex flex-wrap justify-end gap-1.5">
                  <Link className="button" to={`/?customer=${encodeURIComponent(customer.id)}`}>Orders<span className="sr-only"> of {customer.name}</span></Link>
                  <button type="button" className="button" onClick={() => { onEdit(customer); }}>Edit<span className="sr-only"> {customer.name}</span></button>
                  <button type="button" className="button button-danger" onClick={() => { onDelete(customer); }}>Delete<span className="sr-only"> {customer.name}</span></button>
                </div>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
