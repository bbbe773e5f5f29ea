// A shortcut as people read it: `mod` is Command on a Mac and Control elsewhere.

import css from "./ui.module.css";

export const IS_MAC = /Mac|iPhone|iPad/.test(navigator.userAgent);

const NAMES: Readonly<Record<string, string>> = {
  mod: IS_MAC ? "⌘" : "Ctrl",
  shift: IS_MAC ? "⇧" : "Shift",
  alt: IS_MAC ? "⌥" : "Alt",
  enter: "Enter",
  esc: "Esc",
  arrowup: "↑",
  arrowdown: "↓",
  arrowleft: "←",
  arrowright: "→",
  space: "Space",
};

export function keyNames(keys: string): string[] {
  return keys
    .split(" ")
    .flatMap((chord) => (chord === "+" ? ["+"] : chord.split("+")))
    .map((key) => NAMES[key] ?? key.toUpperCase());
}

export function Kbd({ keys }: { keys: string }): React.JSX.Element {
  return (
    <span className={css.kbd}>
      {keyNames(keys).map((key, place) => (
        <kbd key={place}>{key}</kbd>
      ))}
    </span>
  );
}
