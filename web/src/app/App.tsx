// The frame and, in it, the page that the address names.

import { QueryClientProvider } from "@tanstack/react-query";
import { SearchX } from "lucide-react";
import { Suspense, useEffect } from "react";
import { Route, Router, Switch } from "wouter";
import { ROOT } from "@/hub";
import { failures, queryClient } from "@/hub/queries";
import { shell } from "@/text/shell";
import { speak } from "@/text/speak";
import { Button, Empty, Page, Skeleton, toast } from "@/ui";
import { ConfirmProvider } from "@/ui/Overlays";
import { ToastProvider } from "@/ui/Toasts";
import { TooltipProvider } from "@/ui/Tooltip";
import { Crash } from "./Crash";
import { PageLink } from "./PageLink";
import { pages } from "./pages";
import { place } from "./places";
import { Shell } from "./Shell";

const t = speak(shell);

export function App(): React.JSX.Element {
  useEffect(() => {
    const show = (failure: { message: string; remedy: string }): void =>
      toast({ tone: "bad", title: failure.message, text: failure.remedy });
    failures.add(show);
    return () => {
      failures.delete(show);
    };
  }, []);
  return (
    <QueryClientProvider client={queryClient}>
      <Router base={ROOT}>
        <TooltipProvider delayDuration={400} skipDelayDuration={200}>
          <ToastProvider>
            <ConfirmProvider>
              <Shell>
                <Pages />
              </Shell>
            </ConfirmProvider>
          </ToastProvider>
        </TooltipProvider>
      </Router>
    </QueryClientProvider>
  );
}

function Pages(): React.JSX.Element {
  return (
    <Suspense fallback={<Skeleton lines={8} />}>
      <Switch>
        {pages.map(({ name, path, component: Component }) => (
          <Route key={name} path={path}>
            <Crash name={name}>
              <Component />
            </Crash>
          </Route>
        ))}
        <Route>
          <Page name="lost">
            <Empty
              icon={<SearchX aria-hidden />}
              title={t("lost.title")}
              text={t("lost.text")}
              action={
                <Button asChild>
                  <PageLink to={place.home()}>{t("lost.home")}</PageLink>
                </Button>
              }
            />
          </Page>
        </Route>
      </Switch>
    </Suspense>
  );
}
