import type { Fetcher } from "@graphiql/toolkit";
import { Kind, parse, type DocumentNode } from "graphql";

/**
 * Send the operation in the editor, not the one of the previous tab.
 *
 * Right after a change of tabs, GraphiQL still passes the operation name and the parsed document of the
 * previous tab. A subscription could then be sent as a mutation with a name it does not have.
 */
export function withCurrentDocument(fetcher: Fetcher): Fetcher {
  return (parameters, options) => {
    const document = parsed(parameters.query);
    if (!document) return fetcher(parameters, options); // let the API report the syntax error
    const names = document.definitions.flatMap((definition) => (definition.kind === Kind.OPERATION_DEFINITION ? [definition.name?.value] : []));
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
