import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

import { trustedDocuments } from "./manifest.ts";

const api = process.env.ORDERS_URL ?? "http://127.0.0.1:8000";
const inChromium = { testTimeout: 60_000, hookTimeout: 60_000, fileParallelism: false };

export default defineConfig({
  plugins: [react(), tailwindcss(), trustedDocuments()],
  build: {
    // Inside the package that serves it: one place, in this tree and when installed.
    outDir: "../gql/http/dashboard_files",
    emptyOutDir: true,
    chunkSizeWarningLimit: 4000, // the playground's editor, which no other page loads
    rolldownOptions: {
      input: ["index.html", "playground.html"],
      // Libraries are bundled as they are: "use client" and the like say nothing here.
      checks: { moduleLevelDirective: false },
    },
  },
  worker: { format: "es" },
  server: { proxy: { "/graphql": { target: api, ws: true } }, fs: { allow: [".."] } },
  test: {
    silent: "passed-only",
    projects: [
      { extends: true, test: { name: "logic", include: ["src/**/*.test.{ts,tsx}"] } },
      { extends: true, test: { name: "browser", include: ["e2e/**/*.test.ts"], ...inChromium } },
      { extends: true, test: { name: "figures", include: ["e2e/**/*.figures.ts"], ...inChromium } },
    ],
  },
});
