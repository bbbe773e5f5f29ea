import { useEffect } from "react";

const NAME = "Draftsmith";

/** The title of the tab, and what screen readers hear when the page changes. */
export function usePageTitle(title: string): void {
  useEffect(() => {
    document.title = title === "" ? NAME : `${title} · ${NAME}`;
    return () => {
      document.title = NAME;
    };
  }, [title]);
}
