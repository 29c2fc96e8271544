import type { CodegenConfig } from "@graphql-codegen/cli";

// Generates the types of every operation in src/ from the exported schema, so that a schema change
// that breaks a page fails the build.
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
