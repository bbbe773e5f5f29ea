// A session as it lives: what it does, what it plans, what it asks, and the box to steer it.

import { PanelRight } from "lucide-react";
import { useState } from "react";
import { useParams, useSearchParams } from "wouter";
import { useActions } from "@/app/actions";
import { usePageTitle } from "@/app/usePageTitle";
import { useCommand, useLiveSession, type LiveSession } from "@/hub";
import type { SessionEntity } from "@/hub/messages";
import { prompt } from "@/text/prompt";
import { session as words } from "@/text/session";
import { speak } from "@/text/speak";
import { cx, IconButton, LiveGate, Page } from "@/ui";
import { PromptBox } from "@/ui/prompt/PromptBox";
import { Head } from "./Head";
import { Questions } from "./Questions";
import { SearchLog } from "./SearchLog";
import css from "./session.module.css";
import { Side } from "./Side";
import { Steps, type Jump } from "./Steps";

const t = speak(words);
const tPrompt = speak(prompt);

export default function SessionPage(): React.JSX.Element {
  const { id } = useParams<{ id: string }>();
  return <Session key={id} id={id} />;
}

function Session({ id }: { id: string }): React.JSX.Element {
  const live = useLiveSession(id);
  usePageTitle(live.session?.title ?? "");
  return (
    <Page name="session" width="fill" ready={live.state !== "loading"}>
      <LiveGate live={live}>{(session) => <Shown live={live} session={session} />}</LiveGate>
    </Page>
  );
}

function Shown({ live, session }: { live: LiveSession; session: SessionEntity }): React.JSX.Element {
  const [asked] = useSearchParams();
  const [searching, setSearching] = useState(false);
  const [side, setSide] = useState(false);
  const [jump, setJump] = useState<Jump | undefined>(() => {
    const step = asked.get("step");
    return step === null ? undefined : { place: Number(step), count: 0 };
  });
  const go = (place: number): void => setJump((before) => ({ place, count: (before?.count ?? 0) + 1 }));
  useActions(
    () => [
      { id: "session.search", title: t("search"), group: t("steps"), keys: "/", run: () => setSearching(true) },
      {
        id: "session.say",
        title: tPrompt("label.message"),
        group: t("steps"),
        keys: "r",
        run: () => document.querySelector<HTMLElement>("[data-prompt]")?.focus(),
      },
    ],
    [],
  );
  return (
    <div className={css.session} data-session={session.id} data-status={session.status}>
      <div className={css.work}>
        <Head
          live={live}
          session={session}
          search={() => setSearching(true)}
          side={
            <IconButton
              className={css.sideButton}
              label={t("side.show")}
              aria-pressed={side}
              icon={<PanelRight aria-hidden />}
              onClick={() => setSide(!side)}
            />
          }
        />
        {searching && <SearchLog sessionId={session.id} go={go} onClose={() => setSearching(false)} />}
        <div className={cx(css.stream, side && css.covered)}>
          <Steps sessionId={session.id} jump={jump} />
        </div>
        <div className={css.below}>
          <Questions sessionId={session.id} decisions={live.decisions} />
          <Say session={session} />
        </div>
      </div>
      <aside className={cx(css.side, side && css.sideShown)} aria-label={t("side.label")}>
        <Side live={live} session={session} />
      </aside>
    </div>
  );
}

function Say({ session }: { session: SessionEntity }): React.JSX.Element {
  const send = useCommand("session/message");
  const over = ["proposed", "finished", "stopped", "cancelled"].includes(session.status);
  const say = async (text: string): Promise<boolean> => {
    try {
      await send.mutateAsync({ session_id: session.id, text });
      return true;
    } catch {
      // The command has shown why.
      return false;
    }
  };
  return (
    <PromptBox
      folders={session.roots.map((root) => root.path)}
      label={tPrompt("label.message")}
      placeholder={over ? tPrompt("placeholder.further") : tPrompt("placeholder.message")}
      action={tPrompt("send")}
      busy={send.isPending}
      send={say}
      rows={1}
    />
  );
}
