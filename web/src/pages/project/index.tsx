// The project: its files, an editor with tabs, search, what files define, and its repository.

import { FilePlus2, FolderPlus, FolderSearch, X } from "lucide-react";
import { useMemo, useState } from "react";
import { useParams } from "wouter";
import { PageLink } from "@/app/PageLink";
import { place } from "@/app/places";
import { usePageTitle } from "@/app/usePageTitle";
import { useCall } from "@/hub";
import type { GitCommitResult, GitFileLine, SessionEntity, SessionLine } from "@/hub/messages";
import { Button, cx, Empty, IconButton, Loaded, Page, Segmented, Select, Skeleton, Tabs } from "@/ui";
import { FileTab } from "./FileTab";
import { Git } from "./Git";
import { CommitTab, DiffTab } from "./HistoryTabs";
import { NewFile } from "./NewFile";
import { NewProject } from "./NewProject";
import { Search } from "./Search";
import { Symbols } from "./Symbols";
import { commitTab, diffTab, fileTab, type FileSide, type Tab } from "./tabs";
import { Tree } from "./Tree";
import { useOpen, type Work } from "./useOpen";
import { nameOf, t, word } from "./words";
import css from "./project.module.css";

/** In place of a workspace's id. */
const NEW = "new";

export default function ProjectPage(): React.JSX.Element {
  const { workspaceId } = useParams<{ workspaceId: string }>();
  return workspaceId === NEW ? <NewProject /> : <Known key={workspaceId} workspaceId={workspaceId} />;
}

function Known({ workspaceId }: { workspaceId: string }): React.JSX.Element {
  const sessions = useCall("session/list", { workspace_id: workspaceId, limit: 50 });
  const lines = sessions.data?.sessions;
  return (
    <Loaded
      of={sessions}
      skeleton={
        <Page name="project" width="fill" ready={sessions.error !== null}>
          <Skeleton lines={10} />
        </Page>
      }
      empty={() => lines?.length === 0 && <Unknown />}
    >
      {(found) => <Newest workspaceId={workspaceId} sessions={found.sessions} />}
    </Loaded>
  );
}

function Unknown(): React.JSX.Element {
  usePageTitle(t("title"));
  return (
    <Page name="project">
      <Empty
        icon={<FolderSearch aria-hidden />}
        title={t("none")}
        text={t("noneText")}
        action={
          <Button asChild>
            <PageLink to={place.project(NEW)}>{t("newProject")}</PageLink>
          </Button>
        }
      />
    </Page>
  );
}

/** The workspace as its newest session has it: that is where its folders are told. */
function Newest(props: { workspaceId: string; sessions: readonly SessionLine[] }): React.JSX.Element {
  const id = props.sessions[0]?.session_id ?? "";
  const entity = useCall("entity/get", { session_id: id, kind: "session", id }, { staleTime: Infinity, keep: true });
  const found = entity.data?.entity;
  usePageTitle(found?.kind === "session" ? t("titleOf", { name: found.roots[0]?.name ?? "" }) : t("title"));
  return (
    <Page name="project" width="fill" ready={entity.data !== undefined || entity.error !== null}>
      <Loaded of={entity} skeleton={<Skeleton lines={10} />}>
        {({ entity: session }) => session.kind === "session" && <Workspace {...props} session={session} />}
      </Loaded>
    </Page>
  );
}

type Pane = "files" | "search" | "symbols" | "git";

function Workspace(props: {
  workspaceId: string;
  session: SessionEntity;
  sessions: readonly SessionLine[];
}): React.JSX.Element {
  const { session } = props;
  const [root, setRoot] = useState(0);
  const [draftOf, setDraftOf] = useState("");
  const [pane, setPane] = useState<Pane>("files");
  const [browsing, setBrowsing] = useState(true);
  const work = useOpen(props.workspaceId, session);
  const side: FileSide = draftOf === "" ? "workspace" : "draft";
  const whose = draftOf === "" ? session.id : draftOf;
  const { marks, refresh } = useMarks(session.id, root, side);
  const active = work.open.tabs.find((tab) => tab.id === work.open.active);
  const file = active?.kind === "file" ? active : undefined;
  const show = (tab: Tab, line?: number): void => {
    work.show(tab, line);
    setBrowsing(false);
  };
  return (
    <div className={css.project}>
      <Head {...props} root={root} onRoot={setRoot} draftOf={draftOf} onDraftOf={setDraftOf} />
      <div className={css.switch}>
        <Segmented
          label={t("views")}
          value={browsing ? "browse" : "editor"}
          options={[
            { value: "browse", label: t("browse") },
            { value: "editor", label: t("editor") },
          ]}
          onChange={(value) => setBrowsing(value === "browse")}
        />
      </div>
      <div className={css.columns} data-browsing={browsing}>
        <aside className={css.side} aria-label={t("browse")}>
          <Tabs
            label={t("browse")}
            value={pane}
            onChange={(value) => setPane(value as Pane)}
            items={[
              {
                id: "files",
                label: t("files"),
                content: (
                  <div className={css.pane}>
                    <NewFile
                      icon={<FilePlus2 aria-hidden />}
                      onMake={(path) => show(fileTab(whose, side, root, path, true))}
                    />
                    <Tree
                      key={`${whose}:${side}:${root}`}
                      place={{ session: whose, root, side, name: session.roots[root]?.name ?? "" }}
                      current={file?.root === root ? file.path : undefined}
                      marks={marks}
                      onOpen={(path) => show(fileTab(whose, side, root, path))}
                    />
                  </div>
                ),
              },
              {
                id: "search",
                label: t("search"),
                content: (
                  <Search
                    roots={session.roots}
                    onOpen={(number, path, line) => show(fileTab(session.id, "workspace", number, path), line)}
                  />
                ),
              },
              {
                id: "symbols",
                label: t("symbols"),
                content: <Symbols tab={file} onGo={(line) => file !== undefined && show(file, line)} />,
              },
              {
                id: "git",
                label: t("git"),
                content: (
                  <Git
                    session={session.id}
                    root={root}
                    file={file?.side === "workspace" ? file.path : undefined}
                    onChange={(found) => show(changesSince(session.id, root, found))}
                    onCommit={(commit) => show(commitTab(session.id, root, commit))}
                  />
                ),
              },
            ]}
          />
        </aside>
        <section className={css.editors} aria-label={t("editor")}>
          <TabBar work={work} />
          {work.open.tabs.length === 0 && <Empty title={t("nothingOpen")} text={t("nothingOpenText")} />}
          {work.open.tabs.map((tab) => (
            <div key={tab.id} className={css.tabBody} hidden={tab.id !== work.open.active}>
              {work.seen.has(tab.id) && (
                <>
                  {tab.kind === "file" && (
                    <FileTab
                      tab={tab}
                      active={tab.id === work.open.active}
                      goto={work.goto?.id === tab.id ? work.goto : undefined}
                      onDirty={work.setDirty}
                      onSaved={refresh}
                    />
                  )}
                  {tab.kind === "diff" && <DiffTab tab={tab} />}
                  {tab.kind === "commit" && (
                    <CommitTab
                      tab={tab}
                      onFile={(found, commit) => show(changesIn(session.id, tab.root, found, commit))}
                    />
                  )}
                </>
              )}
            </div>
          ))}
        </section>
      </div>
    </div>
  );
}

function Head(props: {
  session: SessionEntity;
  sessions: readonly SessionLine[];
  root: number;
  onRoot: (root: number) => void;
  draftOf: string;
  onDraftOf: (sessionId: string) => void;
}): React.JSX.Element {
  const { session, sessions, root, draftOf } = props;
  return (
    <header className={css.head}>
      <h1>{session.roots[root]?.name}</h1>
      <span className={cx(css.soft, css.rootPath)} title={session.roots[root]?.path}>
        {session.roots[root]?.path}
      </span>
      {session.roots.length > 1 && (
        <Select
          label={t("root")}
          value={String(root)}
          options={session.roots.map((one, number) => ({ value: String(number), label: one.name }))}
          onChange={(value) => props.onRoot(Number(value))}
        />
      )}
      <Select
        label={t("side")}
        value={draftOf}
        options={[
          { value: "", label: t("sideWorkspace") },
          ...sessions.map((one) => ({ value: one.session_id, label: t("sideDraft", { title: one.title }) })),
        ]}
        onChange={props.onDraftOf}
      />
      {draftOf !== "" && (
        <Button asChild>
          <PageLink to={place.review(draftOf)}>{t("review")}</PageLink>
        </Button>
      )}
      <Button asChild>
        <PageLink to={place.project(NEW)}>
          <FolderPlus aria-hidden /> {t("newProject")}
        </PageLink>
      </Button>
    </header>
  );
}

/** By path: the sign of what git says of a file. */
function useMarks(
  sessionId: string,
  root: number,
  side: FileSide,
): { marks: ReadonlyMap<string, string>; refresh: () => void } {
  const state = useCall("git/state", { session_id: sessionId, root }, { refetchInterval: 8_000 });
  const files = side === "workspace" ? state.data?.files : undefined;
  const marks = useMemo(() => new Map(files?.map((file) => [file.path, word("mark", file.state)])), [files]);
  return { marks, refresh: () => void state.refetch() };
}

/** What differs in a file that git says is changed. */
function changesSince(session: string, root: number, found: GitFileLine): Tab {
  const fresh = found.state === "untracked" || found.state === "added";
  const before = fresh ? "nothing" : { commit: "", path: found.path };
  return diffTab(session, root, found.path, before, found.state === "deleted" ? "nothing" : "workspace");
}

/** What a commit did to a file. */
function changesIn(session: string, root: number, found: GitFileLine, { commit }: GitCommitResult): Tab {
  const parent = commit.parents[0];
  const fresh = parent === undefined || found.state === "added";
  const before = fresh ? "nothing" : { commit: parent, path: found.before || found.path };
  const after = found.state === "deleted" ? "nothing" : { commit: commit.commit, path: found.path };
  return diffTab(session, root, found.path, before, after);
}

function TabBar({ work }: { work: Work }): React.JSX.Element | null {
  if (work.open.tabs.length === 0) return null;
  return (
    <div className={css.tabBar} role="group" aria-label={t("openFiles")}>
      {work.open.tabs.map((tab) => {
        const name = tabName(tab);
        const dirty = work.dirty.has(tab.id);
        return (
          <div key={tab.id} className={css.tab} data-active={tab.id === work.open.active} data-dirty={dirty}>
            <button
              type="button"
              aria-current={tab.id === work.open.active ? "true" : undefined}
              title={tab.kind === "commit" ? tab.commit : tab.path}
              onClick={() => work.show(tab)}
              onAuxClick={(event) => event.button === 1 && work.close(tab.id)}
            >
              {name}
              {dirty && <span className={css.unsaved} role="img" aria-label={t("unsaved")} />}
            </button>
            <IconButton label={t("close", { name })} icon={<X aria-hidden />} onClick={() => work.close(tab.id)} />
          </div>
        );
      })}
    </div>
  );
}

function tabName(tab: Tab): string {
  switch (tab.kind) {
    case "file":
      return tab.side === "draft" ? t("sideDraft", { title: nameOf(tab.path) }) : nameOf(tab.path);
    case "diff":
      return t("diffOf", { name: nameOf(tab.path) });
    case "commit":
      return t("commit", { id: tab.commit.slice(0, 8) });
  }
}
