// Buttons. One that calls the hub says so: it is off while the hub is away, with the reason as its title.

import { LoaderCircle } from "lucide-react";
import { Slot } from "radix-ui";
import type { ButtonHTMLAttributes, ReactNode, Ref } from "react";
import { useConnection } from "@/hub";
import { tShared } from "@/text/shared";
import { cx } from "./classes";
import { Tooltip } from "./Tooltip";
import css from "./ui.module.css";

interface Shared extends Omit<ButtonHTMLAttributes<HTMLButtonElement>, "type"> {
  needsHub?: boolean;
  busy?: boolean;
  ref?: Ref<HTMLButtonElement>;
  type?: "button" | "submit";
}

export interface ButtonProps extends Shared {
  variant?: "default" | "primary" | "quiet" | "danger";
  size?: "s" | "m";
  icon?: ReactNode;
  /** Look like a button and be the one child, for example a link. */
  asChild?: boolean;
}

export function Button(props: ButtonProps): React.JSX.Element {
  const { variant = "default", size = "m", icon, busy, needsHub, asChild, className, children, ...rest } = props;
  const off = useOff(props);
  const looks = cx(css.button, variant !== "default" && css[variant], size === "s" && css.small, className);
  if (asChild === true) {
    return (
      <Slot.Root className={looks} {...rest}>
        {children}
      </Slot.Root>
    );
  }
  return (
    <button type="button" {...rest} {...off} className={looks} aria-busy={busy === true || undefined}>
      {busy === true ? <LoaderCircle className={css.spin} aria-hidden /> : icon}
      {children}
    </button>
  );
}

export interface IconButtonProps extends Shared {
  /** Said to screen readers and shown as a tooltip. */
  label: string;
  icon: ReactNode;
  keys?: string;
}

export function IconButton(props: IconButtonProps): React.JSX.Element {
  const { label, icon, busy, needsHub, className, keys, ...rest } = props;
  const { title, ...off } = useOff(props);
  return (
    <Tooltip text={title ?? label} keys={keys}>
      <button type="button" aria-label={label} {...rest} {...off} className={cx(css.iconButton, className)}>
        {busy === true ? <LoaderCircle className={css.spin} aria-hidden /> : icon}
      </button>
    </Tooltip>
  );
}

function useOff({ needsHub, busy, disabled, title }: Shared): { disabled: boolean; title: string | undefined } {
  const { state } = useConnection();
  const away = needsHub === true && state !== "open";
  return {
    disabled: disabled === true || busy === true || away,
    title: away ? tShared("away.title") : title,
  };
}
