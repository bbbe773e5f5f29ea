// Begins the view: takes messages, draws at most once a frame.

import { render } from "preact";
import type { ToView } from "../wire";
import { App } from "./app";
import { post, saved } from "./host";
import { receive } from "./state";

const root = document.getElementById("app");
let drawing = false;

function refresh(): void {
  if (drawing || root === null) return;
  drawing = true;
  requestAnimationFrame(() => {
    drawing = false;
    render(<App refresh={refresh} />, root);
  });
}

window.addEventListener("message", (event: MessageEvent<ToView>) => {
  receive(event.data);
  refresh();
});
refresh();
post({ type: "ready", sessionId: saved.sessionId });
