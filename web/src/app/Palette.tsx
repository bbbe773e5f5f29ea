// The command palette and the sheet of shortcuts. Loaded when first opened.

import { Command } from "cmdk";
import { BellRing, BellOff } from "lucide-react";
import { Dialog as RadixDialog } from "radix-ui";
import { useState } from "react";
import { useLocation } from "wouter";
import { usePreference, useSessionLines } from "@/hub";
import { shell } from "@/text/shell";
import { speak } from "@/text/speak";
import { Dialog, Kbd, StatusDot, toast } from "@/ui";
import { useAllActions, type Action } from "./actions";
import { askToNotify, canNotify } from "./notifications";
import { hasPage } from "./pages";
import { place } from "./places";
import css from "./shell.module.css";

const t = speak(shell);
const MOST_SESSIONS = 30;

export default function Overlays(props: { shown: "palette" | "sheet"; onClose: () => void }): React.JSX.Element {
  return props.shown === "palette" ? <Palette onClose={props.onClose} /> : <Sheet onClose={props.onClose} />;
}

function grouped(actions: readonly Action[]): [string, Action[]][] {
  const groups = new Map<string, Action[]>();
  for (const action of actions) groups.set(action.group, [...(groups.get(action.group) ?? []), action]);
  return [...groups.entries()];
}

function Palette({ onClose }: { onClose: () => void }): React.JSX.Element {
  const actions = useAllActions().filter((action) => action.hidden !== true && action.enabled !== false);
  const { lines } = useSessionLines();
  const [, go] = useLocation();
  const [notify, setNotify] = usePreference("notify");
  const [typed, setTyped] = useState("");
  const run = (what: () => void): void => {
    onClose();
    // After the dialog gave the focus back.
    window.setTimeout(what, 0);
  };
  const switchNotify = async (): Promise<void> => {
    if (notify) setNotify(false);
    else if (await askToNotify()) setNotify(true);
    else toast({ tone: "bad", title: t("notify.denied") });
  };
  return (
    <RadixDialog.Root open onOpenChange={(open) => !open && onClose()}>
      <RadixDialog.Portal>
        <RadixDialog.Overlay className={css.scrim} />
        <RadixDialog.Content className={css.palette} aria-describedby={undefined}>
          <RadixDialog.Title className={css.unseen}>{t("palette.title")}</RadixDialog.Title>
          <Command label={t("palette.title")} loop>
            <Command.Input value={typed} onValueChange={setTyped} placeholder={t("palette.hint")} autoFocus />
            <Command.List label={t("palette.title")}>
              <Command.Empty>{t("palette.none")}</Command.Empty>
              {grouped(actions).map(([group, all]) => (
                <Command.Group key={group} heading={group}>
                  {all.map((action) => (
                    <Command.Item
                      key={action.id}
                      value={`${action.title} ${action.id}`}
                      onSelect={() => run(action.run)}
                    >
                      <span>{action.title}</span>
                      {action.keys !== undefined && <Kbd keys={action.keys} />}
                    </Command.Item>
                  ))}
                </Command.Group>
              ))}
              {canNotify() && (
                <Command.Group heading={t("notify.title")}>
                  <Command.Item onSelect={() => run(() => void switchNotify())}>
                    {notify ? <BellOff aria-hidden /> : <BellRing aria-hidden />}
                    <span>{notify ? t("notify.off") : t("notify.on")}</span>
                  </Command.Item>
                </Command.Group>
              )}
              {hasPage("session") && lines.length > 0 && (
                <Command.Group heading={t("palette.sessions")}>
                  {lines.slice(0, MOST_SESSIONS).map((line) => (
                    <Command.Item
                      key={line.session_id}
                      value={`${line.title} ${line.session_id}`}
                      onSelect={() => run(() => go(place.session(line.session_id).path))}
                    >
                      <StatusDot status={line.status} />
                      <span>{line.title}</span>
                    </Command.Item>
                  ))}
                </Command.Group>
              )}
            </Command.List>
          </Command>
        </RadixDialog.Content>
      </RadixDialog.Portal>
    </RadixDialog.Root>
  );
}

function Sheet({ onClose }: { onClose: () => void }): React.JSX.Element {
  const actions = useAllActions().filter((action) => action.keys !== undefined);
  return (
    <Dialog open onClose={onClose} title={t("sheet.title")}>
      <div className={css.sheet}>
        {grouped(actions).map(([group, all]) => (
          <section key={group}>
            <h3>{group}</h3>
            <dl>
              {all.map((action) => (
                <div key={action.id}>
                  <dt>{action.title}</dt>
                  <dd>
                    <Kbd keys={action.keys ?? ""} />
                  </dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </Dialog>
  );
}
