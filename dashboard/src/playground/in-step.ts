import type { Fetcher } from "@graphiql/toolkit";
import { Kind, parse, type DocumentNode } from "graphql";

/**
 * Send what stands in the editor.
 *
 * For a moment after a tab is chosen GraphiQL still has the name and the parsed text of the operation
 * in the tab before: a subscription would be sent as a mutation was, under a name that it does not have.
 */
export function inStep(fetcher: Fetcher): Fetcher {
  return (parameters, options) => {
    const document = parsed(parameters.query);
    if (!document) return fetcher(parameters, options); // the API says what is wrong with it
    const names = document.definitions.flatMap((one) => (one.kind === Kind.OPERATION_DEFINITION ? [one.name?.value] : []));
    const operationName = names.includes(parameters.operationName ?? undefined) ? parameters.operationName : names[0];
    return fetcher({ ...parameters, operationName: operationName ?? null }, { ...options, documentAST: document });
  };
}

function parsed(query: string): DocumentNode | undefined {
  try {
    return parse(query);
  } catch {
    return undefined;
  }
}
