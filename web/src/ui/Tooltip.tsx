// A few words on hover and focus. They repeat or add; nothing is said here alone.

import { Popover as RadixPopover, Tooltip as Radix } from "radix-ui";
import type { ReactNode } from "react";
import { Kbd } from "./Kbd";
import css from "./ui.module.css";

export function Tooltip(props: { text: string; keys?: string | undefined; children: ReactNode }): React.JSX.Element {
  return (
    <Radix.Root>
      <Radix.Trigger asChild>{props.children}</Radix.Trigger>
      <Radix.Portal>
        <Radix.Content className={css.tooltip} sideOffset={4} collisionPadding={8}>
          {props.text}
          {props.keys !== undefined && (
            <>
              {" "}
              <Kbd keys={props.keys} />
            </>
          )}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

export const TooltipProvider = Radix.Provider;

export function Popover(props: {
  trigger: ReactNode;
  children: ReactNode;
  label: string;
  open?: boolean;
  onOpenChange?: (open: boolean) => void;
}): React.JSX.Element {
  const { open, onOpenChange } = props;
  return (
    <RadixPopover.Root
      {...(open === undefined ? {} : { open })}
      {...(onOpenChange === undefined ? {} : { onOpenChange })}
    >
      <RadixPopover.Trigger asChild>{props.trigger}</RadixPopover.Trigger>
      <RadixPopover.Portal>
        <RadixPopover.Content
          className={`${css.menu} ${css.popover}`}
          aria-label={props.label}
          sideOffset={4}
          collisionPadding={8}
        >
          {props.children}
        </RadixPopover.Content>
      </RadixPopover.Portal>
    </RadixPopover.Root>
  );
}
