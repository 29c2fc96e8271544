import { act, render } from "@testing-library/react";
import type { ReactElement } from "react";
import { MemoryRouter } from "react-router";
import { Client, Provider, fetchExchange, subscriptionExchange, type ExecutionResult } from "urql";

import { cache } from "../connection/cache";

interface Sent {
  operation: string;
  variables: Record<string, unknown>;
}

interface Observer {
  next: (result: ExecutionResult) => void;
}

type Answers = Record<string, (variables: Record<string, unknown>) => object>;

/** An API that answers each operation as it is told, behind the cache that the pages have. */
export class FakeApi {
  readonly sent: Sent[] = [];
  readonly #watching = new Map<string, { variables: unknown; observer: Observer }>();
  readonly #client: Client;

  constructor(answers: Answers) {
    this.#client = new Client({
      url: "http://orders.example/graphql",
      preferGetMethod: false,
      requestPolicy: "cache-and-network",
      fetch: (_url, init) => {
        const asked = JSON.parse(init?.body as string) as { operationName: string; variables: Record<string, unknown> };
        this.sent.push({ operation: asked.operationName, variables: asked.variables });
        return Promise.resolve(Response.json({ data: answers[asked.operationName]?.(asked.variables) }));
      },
      exchanges: [
        cache,
        fetchExchange,
        subscriptionExchange({
          forwardSubscription: ({ query = "", variables }) => ({
            subscribe: (observer) => {
              const operation = /subscription (\w+)/.exec(query)?.[1] ?? "";
              this.#watching.set(operation, { variables, observer });
              return { unsubscribe: () => this.#watching.delete(operation) };
            },
          }),
        }),
      ],
    });
  }

  /** With which variables a subscription is being watched, if it is. */
  watched(operation: string): unknown {
    return this.#watching.get(operation)?.variables;
  }

  /** Tell whoever watches. */
  tell(operation: string, data: object): void {
    act(() => { this.#watching.get(operation)?.observer.next({ data }); });
  }

  render(element: ReactElement, path = "/") {
    return render(
      <Provider value={this.#client}>
        <MemoryRouter initialEntries={[path]}>{element}</MemoryRouter>
      </Provider>,
    );
  }
}
