// Desktop notifications when a session begins to need the user, and only while nobody looks at the page.

import { useEffect, useRef } from "react";
import { useLocation } from "wouter";
import { usePreference, useSessionLines } from "@/hub";
import { shell } from "@/text/shell";
import { speak } from "@/text/speak";
import { place } from "./places";

const t = speak(shell);
const TELLING = { waiting: "notify.waiting", proposed: "notify.proposed", stopped: "notify.stopped" } as const;

export function canNotify(): boolean {
  return "Notification" in window;
}

/** Asks the browser; whether it lets the page notify. */
export async function askToNotify(): Promise<boolean> {
  if (!canNotify()) return false;
  return (await Notification.requestPermission()) === "granted";
}

export function useNotifications(): void {
  const [wanted] = usePreference("notify");
  const { lines, state } = useSessionLines();
  const [, go] = useLocation();
  const before = useRef<ReadonlyMap<string, string> | undefined>(undefined);
  useEffect(() => {
    if (state !== "ready") return;
    const known = before.current;
    before.current = new Map(lines.map((line) => [line.session_id, line.status]));
    if (known === undefined || !wanted || !canNotify() || Notification.permission !== "granted") return;
    if (document.visibilityState === "visible" && document.hasFocus()) return;
    for (const line of lines) {
      const key = line.status in TELLING ? TELLING[line.status as keyof typeof TELLING] : undefined;
      const was = known.get(line.session_id);
      if (key === undefined || was === undefined || was === line.status) continue;
      const shown = new Notification(t(key, { title: line.title }), { tag: line.session_id, icon: "icon-192.png" });
      shown.onclick = () => {
        window.focus();
        go(place.session(line.session_id).path);
        shown.close();
      };
    }
  }, [lines, state, wanted, go]);
}
