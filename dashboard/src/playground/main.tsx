import { createGraphiQLFetcher } from "@graphiql/toolkit";
import { GraphiQL } from "graphiql";
import "graphiql/setup-workers/vite";
import "graphiql/style.css";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { BrowserRouter } from "react-router";

import { authorizedFetch } from "../connection/authorized-fetch";
import { socket } from "../connection/socket";
import { Header } from "../header";
import { restoreSession } from "../session/session";
import { SignInGate } from "../session/sign-in-gate";
import "../styles.css";
import "./playground.css";
import { followTheme, shownTheme, useTheme } from "../theme";
import { examples } from "./examples";
import { withCurrentDocument } from "./current-document";

const fetcher = withCurrentDocument(createGraphiQLFetcher({ url: "/graphql", fetch: authorizedFetch, wsClient: socket }));
const tabs = examples();

// GraphiQL ignores the variables of the first default tab, so pass them separately. Keep tabs of an earlier visit.
const isFirstVisit = localStorage.getItem("graphiql:tabState") === null;
const first = isFirstVisit ? { initialVariables: tabs[0]?.variables ?? "" } : {};

function Playground() {
  useTheme(); // render again when the theme changes
  return (
    <div className="flex h-dvh flex-col">
      <Header path="/playground" />
      <main className="min-h-0 flex-1">
        <h1 className="sr-only">Playground</h1>
        <GraphiQL fetcher={fetcher} defaultTabs={tabs} {...first} forcedTheme={shownTheme()} defaultEditorToolsVisibility="variables" />
      </main>
    </div>
  );
}

followTheme();
await restoreSession();
const page = document.getElementById("page");
if (!page) throw new Error("playground.html has no #page");
createRoot(page).render(
  <StrictMode>
    <BrowserRouter>
      <SignInGate acceptsToken><Playground /></SignInGate>
    </BrowserRouter>
  </StrictMode>,
);
