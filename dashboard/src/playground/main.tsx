import { createGraphiQLFetcher } from "@graphiql/toolkit";
import { GraphiQL } from "graphiql";
import "graphiql/setup-workers/vite";
import "graphiql/style.css";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { BrowserRouter } from "react-router";

import { socket } from "../connection/socket";
import { Header } from "../header";
import "../styles.css";
import "./playground.css";
import { followTheme, shownTheme, useTheme } from "../theme";
import { examples } from "./examples";
import { inStep } from "./in-step";

const fetcher = inStep(createGraphiQLFetcher({ url: "/graphql", wsClient: socket }));
const tabs = examples();

// Of the first tab GraphiQL takes the variables from elsewhere; what a reader has left open is theirs.
const isFirstVisit = localStorage.getItem("graphiql:tabState") === null;
const first = isFirstVisit ? { initialVariables: tabs[0]?.variables ?? "" } : {};

function Playground() {
  useTheme(); // drawn anew when it changes
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
const page = document.getElementById("page");
if (!page) throw new Error("playground.html has no #page");
createRoot(page).render(
  <StrictMode>
    <BrowserRouter>
      <Playground />
    </BrowserRouter>
  </StrictMode>,
);
