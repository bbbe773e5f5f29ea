// Short news at the edge of the screen. `toast` can be called from anywhere.

import { X } from "lucide-react";
import { Toast } from "radix-ui";
import { useSyncExternalStore, type ReactNode } from "react";
import { tShared } from "@/text/shared";
import { Button, IconButton } from "./Button";
import css from "./ui.module.css";

export interface News {
  tone?: "neutral" | "good" | "bad";
  title: string;
  text?: string;
  action?: { label: string; run: () => void };
}

type Shown = News & { id: number };

const MOST = 4;
const SECONDS = 8;

let shown: readonly Shown[] = [];
let nextId = 1;
const watchers = new Set<() => void>();

function show(news: readonly Shown[]): void {
  shown = news;
  for (const watcher of watchers) watcher();
}

export function toast(news: News): void {
  // The same words twice say nothing more.
  const others = shown.filter((one) => one.title !== news.title || one.text !== news.text);
  show([...others, { ...news, id: nextId++ }].slice(-MOST));
}

export function ToastProvider({ children }: { children: ReactNode }): React.JSX.Element {
  const news = useSyncExternalStore(
    (watcher) => {
      watchers.add(watcher);
      return () => watchers.delete(watcher);
    },
    () => shown,
  );
  return (
    <Toast.Provider duration={SECONDS * 1_000}>
      {children}
      {news.map((one) => (
        <Toast.Root
          key={one.id}
          className={css.toast}
          data-tone={one.tone ?? "neutral"}
          onOpenChange={(open) => !open && show(shown.filter((other) => other.id !== one.id))}
        >
          <div className={css.grow}>
            <Toast.Title asChild>
              <strong>{one.title}</strong>
            </Toast.Title>
            {one.text !== undefined && one.text !== "" && (
              <Toast.Description asChild>
                <p>{one.text}</p>
              </Toast.Description>
            )}
          </div>
          {one.action !== undefined && (
            <Toast.Action altText={one.action.label} asChild>
              <Button size="s" onClick={one.action.run}>
                {one.action.label}
              </Button>
            </Toast.Action>
          )}
          <Toast.Close asChild>
            <IconButton label={tShared("action.close")} icon={<X aria-hidden />} />
          </Toast.Close>
        </Toast.Root>
      ))}
      <Toast.Viewport className={css.toasts} />
    </Toast.Provider>
  );
}
