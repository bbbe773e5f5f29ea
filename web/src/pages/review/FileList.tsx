// The changed files, each with what it is and where it stands; a folder is said once for all that is in it.

import { Check, CircleAlert, CircleDot, FilePen, X } from "lucide-react";
import { useMemo, useState } from "react";
import type { SessionEntity } from "@/hub/messages";
import { Count, cx, TextInput, VisuallyHidden } from "@/ui";
import { wordShared } from "@/text/shared";
import type { FileState, ReviewFile } from "./model";
import { t, word } from "./words";
import css from "./review.module.css";

const FILTER_FROM = 8;

interface Group {
  folder: string;
  files: ReviewFile[];
}

export function FileList(props: {
  files: readonly ReviewFile[];
  roots: SessionEntity["roots"];
  current: string;
  commented: ReadonlySet<string>;
  onOpen: (file: ReviewFile) => void;
}): React.JSX.Element {
  const [filter, setFilter] = useState("");
  const groups = useMemo(
    () => grouped(props.files, props.roots, filter.trim().toLowerCase()),
    [props.files, props.roots, filter],
  );
  return (
    <nav className={css.files} aria-label={t("files")}>
      {props.files.length >= FILTER_FROM && (
        <TextInput
          aria-label={t("filter")}
          placeholder={t("filter")}
          value={filter}
          onChange={(event) => setFilter(event.target.value)}
        />
      )}
      {groups.length === 0 && <p className={css.soft}>{t("filterNothing")}</p>}
      {groups.map((group) => (
        <section key={group.folder} aria-label={group.folder || undefined}>
          {group.folder !== "" && (
            <h3 className={css.folder} title={group.folder}>
              <bdi>{group.folder}</bdi>
            </h3>
          )}
          <ul>
            {group.files.map((file) => (
              <li key={file.id}>
                <button
                  type="button"
                  className={css.file}
                  aria-current={file.id === props.current ? "true" : undefined}
                  data-path={file.path}
                  data-state={file.state}
                  title={file.path}
                  onClick={() => props.onOpen(file)}
                >
                  <FileSign file={file} />
                  <span className={cx(css.fileName, file.change === "delete" && css.deleted)}>{nameOf(file.path)}</span>
                  {props.commented.has(file.id) && <CircleDot className={css.dotComment} aria-hidden />}
                  <Lines file={file} />
                </button>
              </li>
            ))}
          </ul>
        </section>
      ))}
    </nav>
  );
}

function FileSign({ file }: { file: ReviewFile }): React.JSX.Element {
  const sign = SIGNS[file.state];
  const said = sign === undefined ? word("change", file.change) : wordShared("hunk", sign.status);
  return (
    <span className={css.fileSign} data-state={file.state} data-change={file.change}>
      {sign === undefined ? <span aria-hidden>{word("mark", file.change)}</span> : <sign.icon aria-hidden />}
      <VisuallyHidden>{said}</VisuallyHidden>
    </span>
  );
}

const SIGNS: Readonly<Partial<Record<FileState, { icon: typeof Check; status: string }>>> = {
  conflict: { icon: CircleAlert, status: "conflicted" },
  accepted: { icon: Check, status: "on_disk" },
  buffer: { icon: FilePen, status: "in_buffer" },
  rejected: { icon: X, status: "rejected" },
  mixed: { icon: Check, status: "on_disk" },
};

export function Lines({ file }: { file: Pick<ReviewFile, "added" | "removed"> }): React.JSX.Element {
  return (
    <span className={css.lines}>
      {file.added > 0 && (
        <span className={css.plus}>
          <span aria-hidden>+</span>
          <VisuallyHidden>{t("added", { n: "" })}</VisuallyHidden>
          <Count n={file.added} />
        </span>
      )}
      {file.removed > 0 && (
        <span className={css.minus}>
          <span aria-hidden>−</span>
          <VisuallyHidden>{t("removed", { n: "" })}</VisuallyHidden>
          <Count n={file.removed} />
        </span>
      )}
    </span>
  );
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

function grouped(files: readonly ReviewFile[], roots: SessionEntity["roots"], filter: string): Group[] {
  const several = roots.length > 1;
  const found = new Map<string, ReviewFile[]>();
  for (const file of files) {
    if (filter !== "" && !file.path.toLowerCase().includes(filter)) continue;
    const inner = file.path.includes("/") ? file.path.slice(0, file.path.lastIndexOf("/")) : "";
    const folder = several ? [roots[file.root]?.name ?? "", inner].filter(Boolean).join("/") : inner;
    found.set(folder, [...(found.get(folder) ?? []), file]);
  }
  return [...found].map(([folder, own]) => ({ folder, files: own }));
}
