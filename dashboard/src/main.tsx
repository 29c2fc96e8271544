import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { BrowserRouter } from "react-router";
import { Provider } from "urql";

import { App } from "./app";
import { client } from "./connection/client";
import { SignInGate } from "./session/sign-in-gate";
import { restoreSession } from "./session/session";
import "./styles.css";
import { followTheme } from "./theme";

followTheme();
await restoreSession();
const page = document.getElementById("page");
if (!page) throw new Error("index.html has no #page");
createRoot(page).render(
  <StrictMode>
    <Provider value={client}>
      <BrowserRouter>
        <SignInGate><App /></SignInGate>
      </BrowserRouter>
    </Provider>
  </StrictMode>,
);
