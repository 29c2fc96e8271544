import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

import { trustedDocuments } from "./manifest.ts";

const api = process.env.ORDERS_URL ?? "http://127.0.0.1:8000";
const inChromium = { testTimeout: 60_000, hookTimeout: 60_000, fileParallelism: false };

export default defineConfig({
  plugins: [react(), tailwindcss(), trustedDocuments()],
  build: {
    // Inside the Python package that serves it, so that the path is the same in a checkout and in a wheel.
    outDir: "../gql/http/dashboard_files",
    emptyOutDir: true,
    chunkSizeWarningLimit: 4000, // the playground editor; no other page loads it
    rolldownOptions: {
      input: ["index.html", "playground.html"],
      // Bundled libraries contain directives such as "use client", which have no effect here.
      checks: { moduleLevelDirective: false },
    },
  },
  worker: { format: "es" },
  server: { proxy: { "/graphql": { target: api, ws: true } }, fs: { allow: [".."] } },
  test: {
    silent: "passed-only",
    projects: [
      { extends: true, test: { name: "logic", include: ["src/**/*.test.{ts,tsx}"], testTimeout: 20_000 } },
      { extends: true, test: { name: "browser", include: ["e2e/**/*.test.ts"], ...inChromium } },
      { extends: true, test: { name: "figures", include: ["e2e/**/*.figures.ts"], ...inChromium } },
    ],
  },
});
