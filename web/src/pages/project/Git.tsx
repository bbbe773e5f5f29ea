// The user's repository: what changed since the last commit, and the commits before. Nothing here changes it.

import { GitBranch, History, X } from "lucide-react";
import { useState } from "react";
import { useCall, usePages } from "@/hub";
import type { GitFileLine } from "@/hub/messages";
import { tShared } from "@/text/shared";
import { Badge, Button, Empty, Failure, IconButton, Loaded, Skeleton, Time } from "@/ui";
import { nameOf, t, word } from "./words";
import css from "./project.module.css";

const WATCH_MS = 8_000;

export interface GitProps {
  session: string;
  root: number;
  file: string | undefined;
  onChange: (file: GitFileLine) => void;
  onCommit: (commit: string) => void;
}

export function Git(props: GitProps): React.JSX.Element {
  const state = useCall("git/state", { session_id: props.session, root: props.root }, { refetchInterval: WATCH_MS });
  return (
    <div className={css.pane}>
      <Loaded
        of={state}
        empty={(found) =>
          !found.repository && <Empty icon={<GitBranch aria-hidden />} title={t("gitNone")} text={t("gitNoneText")} />
        }
      >
        {(found) => (
          <>
            <p className={css.branch}>
              <GitBranch aria-hidden />
              <strong>{found.branch || t("gitDetached", { commit: found.commit.slice(0, 8) })}</strong>
              <span className={css.soft}>{found.commit === "" ? t("gitUnborn") : found.commit.slice(0, 8)}</span>
            </p>
            <section aria-label={t("gitChanges")}>
              <h3 className={css.paneHead}>{t("gitChanges")}</h3>
              {found.files.length === 0 && <p className={css.soft}>{t("gitClean")}</p>}
              <ul>
                {found.files.map((file) => (
                  <li key={file.path}>
                    <GitFile file={file} onOpen={() => props.onChange(file)} />
                  </li>
                ))}
              </ul>
              {found.cut && <p className={css.soft}>{t("gitCut")}</p>}
            </section>
            {found.commit !== "" && <Commits {...props} head={found.commit} />}
            <p className={css.foot}>{t("gitReadOnly")}</p>
          </>
        )}
      </Loaded>
    </div>
  );
}

export function GitFile({ file, onOpen }: { file: GitFileLine; onOpen: () => void }): React.JSX.Element {
  const folder = file.path.slice(0, file.path.length - nameOf(file.path).length);
  return (
    <button type="button" className={css.gitFile} title={file.path} onClick={onOpen} disabled={file.path.endsWith("/")}>
      <span className={css.gitMark} data-state={file.state} aria-hidden>
        {word("mark", file.state)}
      </span>
      <span className={css.gitName}>
        {nameOf(file.path) || file.path} <span className={css.soft}>{folder}</span>
      </span>
      <span className={css.soft}>{word("git", file.state)}</span>
      {file.staged && file.state !== "renamed" && <Badge tone="accent">{t("gitStaged")}</Badge>}
    </button>
  );
}

function Commits(props: GitProps & { head: string }): React.JSX.Element {
  const [ofFile, setOfFile] = useState<string | undefined>();
  const asked = { session_id: props.session, root: props.root, path: ofFile ?? "", limit: 40 };
  const found = usePages("git/log", asked, { staleTime: 0 });
  const commits = found.data?.pages.flatMap((page) => page.commits);
  return (
    <section aria-label={t("gitHistory")}>
      <h3 className={css.paneHead}>
        {ofFile === undefined ? t("gitHistory") : t("gitFileHistory", { path: nameOf(ofFile) })}
        {ofFile !== undefined ? (
          <IconButton label={t("gitAllHistory")} icon={<X aria-hidden />} onClick={() => setOfFile(undefined)} />
        ) : (
          props.file !== undefined && (
            <IconButton
              label={t("gitFileHistory", { path: nameOf(props.file) })}
              icon={<History aria-hidden />}
              onClick={() => setOfFile(props.file)}
            />
          )
        )}
      </h3>
      {found.error !== null && commits === undefined && (
        <Failure error={found.error} retry={() => void found.refetch()} />
      )}
      {commits === undefined && found.error === null && <Skeleton lines={4} />}
      <ol>
        {commits?.map((commit) => (
          <li key={commit.commit}>
            <button type="button" className={css.commit} onClick={() => props.onCommit(commit.commit)}>
              <span className={css.commitSubject}>{commit.subject}</span>
              <span className={css.soft}>
                {commit.author} · <Time at={commit.at} /> · <code>{commit.commit.slice(0, 8)}</code>
              </span>
            </button>
          </li>
        ))}
      </ol>
      {found.hasNextPage && (
        <Button size="s" busy={found.isFetchingNextPage} onClick={() => void found.fetchNextPage()}>
          {tShared("action.more")}
        </Button>
      )}
    </section>
  );
}
