// Begins the dashboard.

import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import "./ui/tokens.css";
import "./ui/base.css";
import { App } from "./app/App";
import { listenToKeys } from "./app/actions";
import { followTheme } from "./app/theme";
import { startHub } from "./hub/start";

followTheme();
listenToKeys();
startHub();

const root = document.getElementById("root");
if (root === null) throw new Error("The page has no root.");
createRoot(root).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
