import type { CodegenConfig } from "@graphql-codegen/cli";

// Types of every operation below src/, made from the schema that the API exports: a change of schema
// that breaks a page breaks its build.
const config: CodegenConfig = {
  schema: "../schema.graphql",
  documents: ["src/**/*.{ts,tsx}", "!src/generated/**"],
  generates: {
    "src/generated/": {
      preset: "client",
      presetConfig: { fragmentMasking: false },
      config: {
        enumsAsTypes: true,
        strictScalars: true,
        useTypeImports: true,
        scalars: { DateTime: "string", Decimal: "string", Duration: "string", JSON: "unknown" },
      },
    },
    "src/generated/possible-types.ts": { plugins: ["fragment-matcher"] },
  },
};

export default config;
