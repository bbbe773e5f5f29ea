// How the connection is, when it is not as it should be. One line; the page under it stays.

import { LoaderCircle, LogIn, RefreshCw, WifiOff } from "lucide-react";
import { useEffect, useState, useSyncExternalStore } from "react";
import { useConnection } from "@/hub";
import { connection } from "@/hub/connection";
import { shell } from "@/text/shell";
import { speak } from "@/text/speak";
import { Button, CopyButton, cx, Empty } from "@/ui";
import css from "./shell.module.css";

const t = speak(shell);
const SLOW_MS = 600;
const COMMAND = "draftsmith web";

function useOnline(): boolean {
  return useSyncExternalStore(
    (watcher) => {
      window.addEventListener("online", watcher);
      window.addEventListener("offline", watcher);
      return () => {
        window.removeEventListener("online", watcher);
        window.removeEventListener("offline", watcher);
      };
    },
    () => navigator.onLine,
  );
}

export function Banner(): React.JSX.Element {
  const { state, since } = useConnection();
  const online = useOnline();
  const [slow, setSlow] = useState(false);
  useEffect(() => {
    setSlow(false);
    const later = window.setTimeout(() => setSlow(true), SLOW_MS);
    return () => window.clearTimeout(later);
  }, [state, since]);
  // A region that is always there, so that a change in it is read out.
  return (
    <div role="status" data-connection={state}>
      {state === "connecting" && slow && (
        <div className={css.banner}>
          <LoaderCircle className={css.spin} aria-hidden />
          <span>{t("state.connecting")}</span>
        </div>
      )}
      {state === "lost" && (
        <div className={cx(css.banner, css.away)}>
          <WifiOff aria-hidden />
          <span>{online ? t("state.lost") : t("state.offline")}</span>
          <Button size="s" onClick={() => connection.retry()}>
            {t("state.retry")}
          </Button>
        </div>
      )}
      {state === "stale" && (
        <div className={cx(css.banner, css.away)}>
          <RefreshCw aria-hidden />
          <span>{t("state.stale")}</span>
          <Button size="s" onClick={() => window.location.reload()}>
            {t("state.reload")}
          </Button>
        </div>
      )}
    </div>
  );
}

export function SignedOut(): React.JSX.Element {
  return (
    <main className={css.alone} data-page="signed-out" data-ready="">
      <Empty
        icon={<LogIn aria-hidden />}
        title={t("signed_out.title")}
        text={t("signed_out.text")}
        action={
          <>
            <div className={css.command}>
              <code>{COMMAND}</code>
              <CopyButton text={COMMAND} />
            </div>
            <div className={css.choices}>
              <Button onClick={() => connection.retry()}>{t("signed_out.again")}</Button>
              <Button asChild>
                <a href="sign-in">{t("signed_out.signin")}</a>
              </Button>
            </div>
          </>
        }
      />
    </main>
  );
}
