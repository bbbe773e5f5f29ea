// What the session is and how it is, and what can be done with it as a whole.

import { Ellipsis, FileDown, FolderCode, GitFork, GitPullRequestArrow, Play, Search, Square } from "lucide-react";
import { useState, type ReactNode } from "react";
import { useLocation } from "wouter";
import { useActions } from "@/app/actions";
import { hasPage } from "@/app/pages";
import { PageLink } from "@/app/PageLink";
import { place } from "@/app/places";
import { asHubError, useCommand, type LiveSession } from "@/hub";
import type { SessionEntity } from "@/hub/messages";
import { session as words } from "@/text/session";
import { tShared, wordShared } from "@/text/shared";
import { speak } from "@/text/speak";
import { Badge, Button, IconButton, Menu, Money, Progress, StatusDot, statusTone, toast, type MenuItem } from "@/ui";
import { exportLines, exportMarkdown, save } from "./exporting";
import { Fork } from "./Fork";
import css from "./session.module.css";

const t = speak(words);
const BUSY = new Set(["starting", "working", "waiting"]);

export function Head(props: {
  live: LiveSession;
  session: SessionEntity;
  search: () => void;
  side: ReactNode;
}): React.JSX.Element {
  const { live, session } = props;
  const [, go] = useLocation();
  const [forking, setForking] = useState(false);
  const cancel = useCommand("session/cancel");
  const resume = useCommand("session/resume");
  const busy = BUSY.has(session.status);
  const resumable = session.status === "stopped" || session.status === "cancelled";
  const reviewable = live.hunks.length > 0 && hasPage("review");
  const tasks = live.tasks.filter((task) => task.status !== "skipped");
  const done = tasks.filter((task) => task.status === "done").length;
  const download = (made: Promise<{ name: string; text: string }>): void => {
    made.then(save, (failure: unknown) =>
      toast({ tone: "bad", title: t("export.failed"), text: asHubError(failure).message }),
    );
  };
  const review = (): void => go(place.review(session.id).path);
  useActions(
    () => [
      {
        id: "session.cancel",
        title: t("cancel"),
        group: tShared("page.session"),
        enabled: busy,
        run: () => cancel.mutate({ session_id: session.id }),
      },
      {
        id: "session.review",
        title: t("review"),
        group: tShared("page.session"),
        keys: "v",
        enabled: reviewable,
        run: review,
      },
      {
        id: "session.fork",
        title: t("fork"),
        group: tShared("page.session"),
        enabled: session.draft !== null,
        run: () => setForking(true),
      },
    ],
    [session.id, busy, reviewable, session.draft === null],
  );
  const items: MenuItem[] = [
    ...(hasPage("project")
      ? [
          {
            label: tShared("page.project"),
            icon: <FolderCode aria-hidden />,
            run: () => go(place.project(session.workspace_id).path),
          },
        ]
      : []),
    {
      label: t("fork"),
      icon: <GitFork aria-hidden />,
      disabled: session.draft === null,
      run: () => setForking(true),
    },
    {
      label: t("export.markdown"),
      icon: <FileDown aria-hidden />,
      run: () => download(exportMarkdown(live, session)),
    },
    { label: t("export.jsonl"), icon: <FileDown aria-hidden />, run: () => download(exportLines(session)) },
  ];
  return (
    <header className={css.head}>
      <div className={css.headLine}>
        <StatusDot status={session.status} named={false} />
        <h1 title={session.request}>{session.title}</h1>
        <Badge tone={statusTone(session.status)}>{wordShared("status", session.status)}</Badge>
        {session.recorded && (
          <span title={t("recorded")}>
            <Badge tone="warn">{t("recorded.short")}</Badge>
          </span>
        )}
        <span className={css.grow} />
        {live.usage !== undefined && live.usage.cost_nano_usd > 0 && (
          <span className={css.soft}>
            <Money nano={live.usage.cost_nano_usd} />
          </span>
        )}
        {reviewable && (
          <Button asChild size="s" variant={session.status === "proposed" ? "primary" : "default"}>
            <PageLink to={place.review(session.id)}>
              <GitPullRequestArrow aria-hidden />
              {t("review")}
            </PageLink>
          </Button>
        )}
        {busy && (
          <Button
            size="s"
            needsHub
            busy={cancel.isPending}
            icon={<Square aria-hidden />}
            onClick={() => cancel.mutate({ session_id: session.id })}
          >
            {t("cancel")}
          </Button>
        )}
        {resumable && (
          <Button
            size="s"
            needsHub
            busy={resume.isPending}
            icon={<Play aria-hidden />}
            onClick={() => resume.mutate({ session_id: session.id })}
          >
            {t("resume")}
          </Button>
        )}
        <IconButton label={t("search")} keys="/" icon={<Search aria-hidden />} onClick={props.search} />
        <Menu trigger={<IconButton label={t("more")} icon={<Ellipsis aria-hidden />} />} items={items} />
        {props.side}
      </div>
      {tasks.length > 1 && (
        <Progress
          value={done / tasks.length}
          label={t("plan.progress", { done, all: tasks.length, percent: Math.round((done / tasks.length) * 100) })}
        />
      )}
      {session.stopped !== null && (
        <p className={css.stopped} role="status">
          <strong>{t("stopped.title")}:</strong> {session.stopped.reason} {session.stopped.way_on}
        </p>
      )}
      <Fork session={session} open={forking} onClose={() => setForking(false)} />
    </header>
  );
}
