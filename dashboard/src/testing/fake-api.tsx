import { act, render } from "@testing-library/react";
import type { ReactElement } from "react";
import { BrowserRouter } from "react-router";
import { Client, Provider, fetchExchange, subscriptionExchange, type ExecutionResult } from "urql";

import { cache } from "../connection/cache";

interface SentOperation {
  operation: string;
  variables: Record<string, unknown>;
}

interface Observer {
  next: (result: ExecutionResult) => void;
}

type Answers = Record<string, (variables: Record<string, unknown>) => object>;

/** An API with scripted answers per operation, behind the same cache as in the pages. */
export class FakeApi {
  readonly sent: SentOperation[] = [];
  readonly #subscriptions = new Map<string, { variables: unknown; observer: Observer }>();
  readonly #client: Client;

  constructor(answers: Answers) {
    this.#client = new Client({
      url: "http://orders.example/graphql",
      preferGetMethod: false,
      requestPolicy: "cache-and-network",
      fetch: (_url, init) => {
        const request = JSON.parse(init?.body as string) as { operationName: string; variables: Record<string, unknown> };
        this.sent.push({ operation: request.operationName, variables: request.variables });
        return Promise.resolve(Response.json({ data: answers[request.operationName]?.(request.variables) }));
      },
      exchanges: [
        cache,
        fetchExchange,
        subscriptionExchange({
          forwardSubscription: ({ query = "", variables }) => ({
            subscribe: (observer) => {
              const operation = /subscription (\w+)/.exec(query)?.[1] ?? "";
              this.#subscriptions.set(operation, { variables, observer });
              return { unsubscribe: () => this.#subscriptions.delete(operation) };
            },
          }),
        }),
      ],
    });
  }

  /** The variables of an active subscription; undefined if there is none. */
  subscription(operation: string): unknown {
    return this.#subscriptions.get(operation)?.variables;
  }

  /** Deliver a result to the active subscription. */
  push(operation: string, data: object): void {
    act(() => { this.#subscriptions.get(operation)?.observer.next({ data }); });
  }

  render(element: ReactElement, path = "/") {
    window.history.replaceState(null, "", path);
    return render(
      <Provider value={this.#client}>
        <BrowserRouter>{element}</BrowserRouter>
      </Provider>,
    );
  }
}
