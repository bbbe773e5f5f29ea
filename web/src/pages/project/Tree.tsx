// The files of a folder, opened folder by folder. Keys as in a tree: arrows, Home, End, Enter.

import { ChevronRight, File, FileQuestion, Folder, FolderOpen, Link2 } from "lucide-react";
import { useState } from "react";
import { usePages } from "@/hub";
import type { FolderEntryLine } from "@/hub/messages";
import { Button, Failure, Skeleton } from "@/ui";
import type { FileSide } from "./tabs";
import { t } from "./words";
import css from "./project.module.css";

export interface TreePlace {
  session: string;
  root: number;
  side: FileSide;
  name: string;
}

interface Shared {
  place: TreePlace;
  current: string | undefined;
  marks: ReadonlyMap<string, string>;
  onOpen: (path: string) => void;
}

export function Tree(props: Shared): React.JSX.Element {
  return (
    <div role="tree" aria-label={t("tree", { name: props.place.name })} className={css.tree} onKeyDown={move}>
      <Entries {...props} path="" depth={0} />
    </div>
  );
}

function Entries(props: Shared & { path: string; depth: number }): React.JSX.Element {
  const { place, path, depth } = props;
  const asked = { session_id: place.session, root: place.root, side: place.side, path, limit: 300 };
  const found = usePages("folder/list", asked, { staleTime: 3_000, refetchInterval: 15_000 });
  if (found.data === undefined) {
    if (found.error !== null) return <Failure error={found.error} retry={() => void found.refetch()} />;
    return depth === 0 ? (
      <Skeleton lines={6} />
    ) : (
      <div className={css.treeNote} style={{ paddingLeft: indent(depth) }} />
    );
  }
  const entries = found.data.pages.flatMap((page) => page.entries);
  const total = found.data.pages[0]?.total ?? 0;
  if (entries.length === 0) {
    return (
      <p className={css.treeNote} style={{ paddingLeft: indent(depth) }}>
        {t("emptyFolder")}
      </p>
    );
  }
  return (
    <>
      {entries.map((entry, at) => (
        <Entry key={entry.name} {...props} entry={entry} first={depth === 0 && at === 0} />
      ))}
      {found.hasNextPage && (
        <Button size="s" variant="quiet" onClick={() => void found.fetchNextPage()} busy={found.isFetchingNextPage}>
          {t("moreEntries", { n: total - entries.length })}
        </Button>
      )}
    </>
  );
}

function Entry(
  props: Shared & { path: string; depth: number; entry: FolderEntryLine; first: boolean },
): React.JSX.Element {
  const { entry, depth, path } = props;
  const [open, setOpen] = useState(false);
  const whole = path === "" ? entry.name : `${path}/${entry.name}`;
  const folder = entry.kind === "folder";
  const mark = props.marks.get(whole);
  const act = (): void => {
    if (folder) setOpen(!open);
    else if (entry.kind === "file") props.onOpen(whole);
  };
  const label = {
    folder: entry.name,
    file: entry.name,
    link: t("linkEntry", { name: entry.name }),
    other: t("otherEntry", { name: entry.name }),
  }[entry.kind];
  return (
    <>
      <div
        role="treeitem"
        aria-expanded={folder ? open : undefined}
        aria-selected={props.current === whole}
        aria-level={depth + 1}
        tabIndex={props.first ? 0 : -1}
        data-path={whole}
        data-kind={entry.kind}
        className={css.treeRow}
        style={{ paddingLeft: indent(depth) }}
        title={label}
        onClick={(event) => {
          event.currentTarget.focus();
          act();
        }}
        onKeyDown={(event) => {
          const wanted = { ArrowRight: folder && !open, ArrowLeft: folder && open, Enter: true, " ": true }[event.key];
          if (wanted !== true) return;
          event.preventDefault();
          event.stopPropagation();
          act();
        }}
      >
        {folder ? <ChevronRight className={css.twist} data-open={open} aria-hidden /> : <span className={css.twist} />}
        <Sign kind={entry.kind} open={open} />
        <span className={css.treeName}>{entry.name}</span>
        {mark !== undefined && <span className={css.mark}>{mark}</span>}
      </div>
      {folder && open && (
        <div role="group">
          <Entries {...props} path={whole} depth={depth + 1} />
        </div>
      )}
    </>
  );
}

function Sign({ kind, open }: { kind: FolderEntryLine["kind"]; open: boolean }): React.JSX.Element {
  switch (kind) {
    case "folder":
      return open ? <FolderOpen aria-hidden /> : <Folder aria-hidden />;
    case "file":
      return <File aria-hidden />;
    case "link":
      return <Link2 aria-hidden />;
    case "other":
      return <FileQuestion aria-hidden />;
  }
}

function indent(depth: number): string {
  return `${depth * 12 + 6}px`;
}

/** From item to item as they are seen, whatever their depth. */
function move(event: React.KeyboardEvent<HTMLElement>): void {
  const items = [...event.currentTarget.querySelectorAll<HTMLElement>('[role="treeitem"]')];
  const at = items.findIndex((item) => item === document.activeElement);
  if (at === -1) return;
  const level = (item: HTMLElement | undefined): number => Number(item?.getAttribute("aria-level"));
  let to: number;
  switch (event.key) {
    case "ArrowDown":
      to = at + 1;
      break;
    case "ArrowUp":
      to = at - 1;
      break;
    case "Home":
      to = 0;
      break;
    case "End":
      to = items.length - 1;
      break;
    case "ArrowRight":
      to = level(items[at + 1]) > level(items[at]) ? at + 1 : at;
      break;
    case "ArrowLeft":
      to = items.findLastIndex((item, place) => place < at && level(item) < level(items[at]));
      break;
    default:
      return;
  }
  event.preventDefault();
  const next = items[to];
  if (next === undefined) return;
  for (const item of items) item.tabIndex = item === next ? 0 : -1;
  next.focus();
}
