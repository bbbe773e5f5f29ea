// What lies over the page: dialogs, questions before something is done, menus, tabs.

import { X } from "lucide-react";
import { Dialog as RadixDialog, DropdownMenu, Tabs as RadixTabs } from "radix-ui";
import { createContext, use, useCallback, useState, type ReactNode } from "react";
import { tShared } from "@/text/shared";
import { Button } from "./Button";
import { cx } from "./classes";
import { Kbd } from "./Kbd";
import css from "./ui.module.css";

export function Dialog(props: {
  open: boolean;
  onClose: () => void;
  title: string;
  children: ReactNode;
  actions?: ReactNode;
  wide?: boolean;
}): React.JSX.Element {
  return (
    <RadixDialog.Root open={props.open} onOpenChange={(open) => !open && props.onClose()}>
      <RadixDialog.Portal>
        <RadixDialog.Overlay className={css.scrim} />
        <RadixDialog.Content
          className={cx(css.dialog, props.wide === true && css.dialogWide)}
          aria-describedby={undefined}
        >
          <div className={css.dialogHead}>
            <RadixDialog.Title asChild>
              <h2>{props.title}</h2>
            </RadixDialog.Title>
            {/* Without a tooltip: it would open with the focus and take the first Escape for itself. */}
            <button
              type="button"
              className={css.iconButton}
              aria-label={tShared("action.close")}
              onClick={props.onClose}
            >
              <X aria-hidden />
            </button>
          </div>
          <div className={css.dialogBody} tabIndex={-1}>
            {props.children}
          </div>
          {props.actions !== undefined && <div className={css.dialogFoot}>{props.actions}</div>}
        </RadixDialog.Content>
      </RadixDialog.Portal>
    </RadixDialog.Root>
  );
}

export interface Question {
  title: string;
  text: ReactNode;
  /** What the button says. */
  action: string;
  danger?: boolean;
}

type Ask = (question: Question) => Promise<boolean>;

const ConfirmContext = createContext<Ask>(() => Promise.resolve(false));

/** `await confirm({…})`: whether the user agreed. */
export function useConfirm(): Ask {
  return use(ConfirmContext);
}

export function ConfirmProvider({ children }: { children: ReactNode }): React.JSX.Element {
  const [asked, setAsked] = useState<{ question: Question; answer: (yes: boolean) => void } | undefined>();
  const ask = useCallback<Ask>((question) => new Promise((answer) => setAsked({ question, answer })), []);
  const say = (yes: boolean): void => {
    asked?.answer(yes);
    setAsked(undefined);
  };
  return (
    <ConfirmContext value={ask}>
      {children}
      <Dialog
        open={asked !== undefined}
        onClose={() => say(false)}
        title={asked?.question.title ?? ""}
        actions={
          <>
            <Button onClick={() => say(false)}>{tShared("action.cancel")}</Button>
            <Button variant={asked?.question.danger === true ? "danger" : "primary"} onClick={() => say(true)}>
              {asked?.question.action}
            </Button>
          </>
        }
      >
        {asked?.question.text}
      </Dialog>
    </ConfirmContext>
  );
}

export interface MenuItem {
  label: string;
  icon?: ReactNode;
  run: () => void;
  keys?: string | undefined;
  danger?: boolean;
  disabled?: boolean;
}

export function Menu(props: {
  trigger: ReactNode;
  /** `"-"` is a line between groups. */
  items: readonly (MenuItem | "-")[];
  align?: "start" | "end";
}): React.JSX.Element {
  return (
    <DropdownMenu.Root>
      <DropdownMenu.Trigger asChild>{props.trigger}</DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content
          className={css.menu}
          align={props.align ?? "end"}
          sideOffset={4}
          collisionPadding={8}
          loop
        >
          {props.items.map((item, place) =>
            item === "-" ? (
              <DropdownMenu.Separator key={place} className={css.separator} />
            ) : (
              <DropdownMenu.Item
                key={place}
                className={cx(css.item, item.danger === true && css.itemDanger)}
                disabled={item.disabled ?? false}
                onSelect={item.run}
              >
                {item.icon}
                <span className={css.grow}>{item.label}</span>
                {item.keys !== undefined && <Kbd keys={item.keys} />}
              </DropdownMenu.Item>
            ),
          )}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}

export interface TabItem {
  id: string;
  label: ReactNode;
  content: ReactNode;
}

export function Tabs(props: {
  items: readonly TabItem[];
  value: string;
  onChange: (id: string) => void;
  label: string;
  className?: string;
}): React.JSX.Element {
  return (
    <RadixTabs.Root
      value={props.value}
      onValueChange={props.onChange}
      {...(props.className === undefined ? {} : { className: props.className })}
    >
      <RadixTabs.List className={css.tabs} aria-label={props.label}>
        {props.items.map((item) => (
          <RadixTabs.Trigger key={item.id} value={item.id} className={css.tab}>
            {item.label}
          </RadixTabs.Trigger>
        ))}
      </RadixTabs.List>
      {props.items.map((item) => (
        <RadixTabs.Content key={item.id} value={item.id} tabIndex={-1}>
          {item.content}
        </RadixTabs.Content>
      ))}
    </RadixTabs.Root>
  );
}
