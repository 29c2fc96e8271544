import { formatDocument, stringifyDocument } from "@urql/core";
import { Kind, type DocumentNode } from "graphql";
import { createHash } from "node:crypto";
import type { Plugin } from "vite";

import * as generated from "./src/generated/graphql.ts";

const isOperation = (document: DocumentNode) => document.definitions.some(({ kind }) => kind === Kind.OPERATION_DEFINITION);

/** Every operation of the pages, with the fragments it uses. */
export const operations: readonly DocumentNode[] = Object.values(generated).filter(isOperation);

/** The text of every operation by its SHA-256. The cache adds __typename fields, so the text is formatted as the client sends it. */
export function manifest(): Record<string, string> {
  const texts = operations.map((document) => stringifyDocument(formatDocument(document) as DocumentNode));
  return Object.fromEntries(texts.map((text) => [createHash("sha256").update(text).digest("hex"), text]));
}

/** Write the manifest beside the pages. The API trusts its documents even if TRUSTED_DOCUMENTS_ONLY is set. */
export function trustedDocuments(): Plugin {
  return {
    name: "trusted-documents",
    apply: "build",
    generateBundle() {
      this.emitFile({ type: "asset", fileName: "documents.json", source: JSON.stringify(manifest(), null, 2) });
    },
  };
}
