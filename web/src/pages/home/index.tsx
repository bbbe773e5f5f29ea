// Home: what is to be done, what is under way, what was done.

import { Button, Empty, Failure, Page, Panel, Skeleton, TextInput } from "@/ui";
import { FolderGit2, Sparkles } from "lucide-react";
import { useState } from "react";
import { usePageTitle } from "@/app/usePageTitle";
import { hasPage } from "@/app/pages";
import { PageLink } from "@/app/PageLink";
import { place } from "@/app/places";
import { useSessionLines } from "@/hub";
import type { SessionLine } from "@/hub/messages";
import { home } from "@/text/home";
import { speak } from "@/text/speak";
import css from "./home.module.css";
import { SessionRow } from "./SessionRow";
import { Start } from "./Start";
import { knownWorkspaces } from "./workspaces";

const t = speak(home);
const OPEN = new Set(["starting", "working", "waiting", "applying"]);
const MANY = 12;

export default function Home(): React.JSX.Element {
  usePageTitle(t("title"));
  const list = useSessionLines();
  const [filter, setFilter] = useState("");
  const workspaces = knownWorkspaces(list.lines);
  const running = list.lines.filter((line) => OPEN.has(line.status));
  const rest = list.lines.filter((line) => !OPEN.has(line.status) && fits(line, filter));
  return (
    <Page name="home" ready={list.state !== "loading"}>
      <Start workspaces={workspaces} ready={list.state !== "loading"} />
      <div className={css.lists}>
        {running.length > 0 && (
          <Panel title={t("running")} flush>
            <ul data-list="running">
              {running.map((line) => (
                <SessionRow key={line.session_id} line={line} />
              ))}
            </ul>
          </Panel>
        )}
        <Panel
          title={t("recent")}
          flush
          actions={
            list.lines.length > MANY && (
              <TextInput
                className={css.filter}
                type="search"
                aria-label={t("filter")}
                placeholder={t("filter")}
                value={filter}
                onChange={(event) => setFilter(event.currentTarget.value)}
              />
            )
          }
        >
          {list.state === "loading" && (
            <div className={css.pad}>
              <Skeleton lines={5} />
            </div>
          )}
          {list.error !== undefined && <Failure error={list.error} retry={list.retry} />}
          {list.state === "ready" && list.lines.length === 0 && (
            <Empty icon={<Sparkles aria-hidden />} title={t("recent.empty")} text={t("recent.empty.text")} />
          )}
          <ul data-list="recent">
            {rest.map((line) => (
              <SessionRow key={line.session_id} line={line} />
            ))}
          </ul>
          {filter !== "" && rest.length === 0 && <p className={css.pad}>{t("filter.none")}</p>}
          {list.more && (
            <div className={css.pad}>
              <Button onClick={list.loadMore} needsHub>
                {t("more")}
              </Button>
            </div>
          )}
        </Panel>
        {workspaces.length > 0 && hasPage("project") && (
          <Panel title={t("workspaces")} flush>
            <ul className={css.workspaces}>
              {workspaces.map((one) => (
                <li key={one.id}>
                  <FolderGit2 aria-hidden />
                  <PageLink to={place.project(one.id)} className={css.name} title={one.folders.join(", ")}>
                    {one.name}
                  </PageLink>
                  <span className={css.folder}>{one.folders.join(", ")}</span>
                  <span className={css.count}>{t("workspaces.sessions", { n: one.sessions })}</span>
                </li>
              ))}
            </ul>
          </Panel>
        )}
      </div>
    </Page>
  );
}

function fits(line: SessionLine, filter: string): boolean {
  const wanted = filter.trim().toLowerCase();
  return wanted === "" || `${line.title} ${line.folders.join(" ")}`.toLowerCase().includes(wanted);
}
