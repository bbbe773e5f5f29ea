// A link to a place in the dashboard; plain text when the page behind it is not built.

import type { ReactNode, Ref } from "react";
import { Link } from "wouter";
import { hasPage } from "./pages";
import type { Place } from "./places";

export interface PageLinkProps {
  to: Place;
  children: ReactNode;
  className?: string | undefined;
  title?: string;
  "aria-label"?: string;
  "aria-current"?: "page" | undefined;
  ref?: Ref<HTMLAnchorElement>;
  onClick?: () => void;
}

export function PageLink({ to, children, ...rest }: PageLinkProps): React.JSX.Element {
  if (!hasPage(to.page)) return <span className={rest.className}>{children}</span>;
  return (
    <Link href={to.path} {...rest}>
      {children}
    </Link>
  );
}
