import { Client, fetchExchange, subscriptionExchange } from "urql";

import { authorizedFetch } from "./authorized-fetch";
import { cache } from "./cache";
import { resumableSubscription } from "./resumable-subscription";
import { socket } from "./socket";

export const client = new Client({
  url: "/graphql",
  fetch: authorizedFetch,
  preferGetMethod: false,
  requestPolicy: "cache-and-network",
  exchanges: [
    cache,
    fetchExchange,
    subscriptionExchange({
      forwardSubscription: (request) => ({
        subscribe: (observer) => {
          const { payload, sink } = resumableSubscription(
            { query: request.query ?? "", variables: request.variables ?? null },
            {
              next: (result) => { observer.next(result); },
              error: (error) => { observer.error(error); },
              complete: () => { observer.complete(); },
            },
          );
          return { unsubscribe: socket.subscribe(payload, sink) };
        },
      }),
    }),
  ],
});
