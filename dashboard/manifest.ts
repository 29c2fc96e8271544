import { formatDocument, stringifyDocument } from "@urql/core";
import { Kind, type DocumentNode } from "graphql";
import { createHash } from "node:crypto";
import type { Plugin } from "vite";

import * as generated from "./src/generated/graphql.ts";

const isOperation = (document: DocumentNode) => document.definitions.some(({ kind }) => kind === Kind.OPERATION_DEFINITION);

/** The pages' operations; the fragments stand in those that use them. */
export const operations: readonly DocumentNode[] = Object.values(generated).filter(isOperation);

/** Every operation's text by its SHA-256, to the letter as the client sends it: the cache asks for each __typename. */
export function manifest(): Record<string, string> {
  const texts = operations.map((document) => stringifyDocument(formatDocument(document) as DocumentNode));
  return Object.fromEntries(texts.map((text) => [createHash("sha256").update(text).digest("hex"), text]));
}

/** Put the manifest beside the pages: an API that executes trusted documents only trusts these. */
export function trustedDocuments(): Plugin {
  return {
    name: "trusted-documents",
    apply: "build",
    generateBundle() {
      this.emitFile({ type: "asset", fileName: "documents.json", source: JSON.stringify(manifest(), null, 2) });
    },
  };
}
