// One session in a list: state, title, where, how far, what it cost, when.

import { Ellipsis, ExternalLink, GitPullRequestArrow, Square, Trash2 } from "lucide-react";
import { useLocation } from "wouter";
import { PageLink } from "@/app/PageLink";
import { hasPage } from "@/app/pages";
import { place } from "@/app/places";
import { useCommand } from "@/hub";
import type { SessionLine } from "@/hub/messages";
import { home } from "@/text/home";
import { tShared, wordShared } from "@/text/shared";
import { speak } from "@/text/speak";
import { IconButton, Menu, Money, Progress, StatusDot, Time, useConfirm, type MenuItem } from "@/ui";
import css from "./home.module.css";

const t = speak(home);
const OVER = new Set(["proposed", "finished", "stopped", "cancelled"]);

export function SessionRow({ line }: { line: SessionLine }): React.JSX.Element {
  const [, go] = useLocation();
  const confirm = useConfirm();
  const cancel = useCommand("session/cancel");
  const remove = useCommand("session/delete");
  const id = line.session_id;
  const over = OVER.has(line.status);
  const folder = line.folders.map((one) => one.slice(one.lastIndexOf("/") + 1)).join(", ");
  const erase = async (): Promise<void> => {
    const question = { title: t("delete"), text: t("delete.text"), action: tShared("action.delete"), danger: true };
    if (await confirm(question)) remove.mutate({ session_id: id });
  };
  const items: MenuItem[] = [
    { label: tShared("action.open"), icon: <ExternalLink aria-hidden />, run: () => go(place.session(id).path) },
  ];
  if (line.status === "proposed" && hasPage("review")) {
    const review = (): void => go(place.review(id).path);
    items.push({ label: tShared("page.review"), icon: <GitPullRequestArrow aria-hidden />, run: review });
  }
  if (!over) {
    const stop = (): void => cancel.mutate({ session_id: id });
    items.push({ label: tShared("action.cancel"), icon: <Square aria-hidden />, run: stop });
  } else {
    items.push({ label: t("delete"), icon: <Trash2 aria-hidden />, danger: true, run: () => void erase() });
  }
  return (
    <li className={css.row} data-session={id} data-status={line.status}>
      <StatusDot status={line.status} named={false} />
      <PageLink to={place.session(id)} className={css.title} title={line.title}>
        {line.title || id}
      </PageLink>
      <span className={css.folder}>{folder}</span>
      <span className={css.status}>{wordShared("status", line.status)}</span>
      <span className={css.progress}>
        {line.tasks > 0 && (
          <Progress
            value={line.tasks_done / line.tasks}
            label={t("progress", { done: line.tasks_done, all: line.tasks })}
            tone={line.status === "stopped" ? "bad" : "accent"}
          />
        )}
      </span>
      <span className={css.money}>{line.cost_nano_usd > 0 && <Money nano={line.cost_nano_usd} />}</span>
      <span className={css.when}>
        <Time at={line.updated_at} />
      </span>
      <Menu
        trigger={<IconButton label={t("actions", { title: line.title || id })} icon={<Ellipsis aria-hidden />} />}
        items={items}
      />
    </li>
  );
}
