// What is open in the project, what of it is not saved, and where in it one wants to be.

import { useCallback, useEffect, useState } from "react";
import { useSearchParams } from "wouter";
import { usePreference } from "@/hub";
import type { SessionEntity } from "@/hub/messages";
import { useConfirm } from "@/ui";
import { closed, fileTab, kept, located, opened, restored, type Open, type Tab } from "./tabs";
import { nameOf, t } from "./words";

export interface Work {
  open: Open;
  /** Tabs that were in front once: what is in the others is not loaded. */
  seen: ReadonlySet<string>;
  dirty: ReadonlySet<string>;
  goto: { id: string; line: number; at: number } | undefined;
  show: (tab: Tab, line?: number) => void;
  close: (id: string) => void;
  setDirty: (id: string, dirty: boolean) => void;
}

export function useOpen(workspaceId: string, session: SessionEntity): Work {
  const [tabsKept, keepTabs] = usePreference("project.tabs");
  const [asked, setAsked] = useSearchParams();
  const [open, setOpen] = useState<Open>(() => {
    const tabs = restored(session.id, tabsKept[workspaceId] ?? []);
    const path = asked.get("file");
    if (path === null) return { tabs, active: tabs[0]?.id };
    const at = located(path, session.roots);
    return opened({ tabs, active: undefined }, fileTab(session.id, "workspace", at.root, at.path), new Set());
  });
  const [seen, setSeen] = useState<ReadonlySet<string>>(() => new Set(open.active === undefined ? [] : [open.active]));
  const [dirty, setDirtyTabs] = useState<ReadonlySet<string>>(new Set());
  const [goto, setGoto] = useState<Work["goto"]>(() => {
    const line = Number(asked.get("line"));
    return line > 0 && open.active !== undefined ? { id: open.active, line, at: 0 } : undefined;
  });
  const confirm = useConfirm();
  const active = open.tabs.find((tab) => tab.id === open.active);
  const shown = active?.kind === "file" ? active.path : undefined;
  const names = kept(open);
  const before = tabsKept[workspaceId] ?? [];

  useEffect(() => {
    setAsked(shown === undefined ? {} : { file: shown }, { replace: true });
  }, [shown, setAsked]);
  useEffect(() => {
    if (names.join("\n") !== before.join("\n")) keepTabs({ ...tabsKept, [workspaceId]: names });
    // eslint-disable-next-line react-hooks/exhaustive-deps -- what is open here decides, not what another browser has open
  }, [names.join("\n")]);
  useEffect(() => {
    if (dirty.size === 0) return;
    const ask = (event: BeforeUnloadEvent): void => event.preventDefault();
    window.addEventListener("beforeunload", ask);
    return () => window.removeEventListener("beforeunload", ask);
  }, [dirty]);

  const show = (tab: Tab, line?: number): void => {
    setOpen((now) => opened(now, tab, dirty));
    setSeen((now) => new Set(now).add(tab.id));
    if (line !== undefined) setGoto((now) => ({ id: tab.id, line, at: (now?.at ?? 0) + 1 }));
  };
  const drop = (id: string): void => {
    const next = closed(open, id);
    setOpen(next);
    setSeen((now) => {
      const left = new Set([...now].filter((one) => one !== id));
      return next.active === undefined ? left : left.add(next.active);
    });
    setDirtyTabs((now) => new Set([...now].filter((one) => one !== id)));
  };
  const close = (id: string): void => {
    const tab = open.tabs.find((one) => one.id === id);
    if (tab?.kind !== "file" || !dirty.has(id)) return drop(id);
    const text = t("closeText", { name: nameOf(tab.path) });
    void confirm({ title: t("closeTitle"), text, action: t("closeDrop"), danger: true }).then((yes) => {
      if (yes) drop(id);
    });
  };
  const setDirty = useCallback((id: string, now: boolean) => {
    setDirtyTabs((held) => {
      const next = new Set([...held].filter((one) => one !== id));
      return now ? next.add(id) : next;
    });
  }, []);
  return { open, seen, dirty, goto, show, close, setDirty };
}
