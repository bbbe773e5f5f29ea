// Light, dark or what the system says, followed as either changes.

import { preferences } from "@/hub/preferences";

const dark = window.matchMedia("(prefers-color-scheme: dark)");

export function followTheme(): void {
  const show = (): void => {
    const wanted = preferences.get("theme");
    const shown = wanted === "system" ? (dark.matches ? "dark" : "light") : wanted;
    document.documentElement.dataset.theme = shown;
    document.documentElement.dataset.density = preferences.get("density");
  };
  show();
  preferences.watch(show);
  dark.addEventListener("change", show);
}
