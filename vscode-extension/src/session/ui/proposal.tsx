// What the session hands back: its summary, what was proved and what not, its files with the state of their hunks.

import type { JSX } from "preact";
import type { FileEntity, HunkEntity } from "../../protocol/messages";
import type { SessionStore } from "../store";
import { command, post, text } from "./host";
import { Fold, Icon, Lines } from "./parts";

const CHANGES: Record<FileEntity["change"], string> = {
  modify: "diff-modified",
  create: "diff-added",
  delete: "diff-removed",
  mode: "diff-renamed",
  symlink: "file-symlink-file",
  binary: "file-binary",
};

const DECIDED: Record<HunkEntity["status"], string> = {
  pending: "circle-large",
  accepted: "check",
  in_buffer: "circle-filled",
  on_disk: "check",
  rejected: "circle-slash",
  conflicted: "warning",
  reverted: "discard",
};

export function Proposal({ store }: { store: SessionStore }): JSX.Element | null {
  const session = store.session;
  if (session === undefined) return null;
  const files = store.all("file");
  const hunks = new Map(store.all("hunk").map((hunk) => [hunk.id, hunk]));
  const pending = [...hunks.values()].filter((hunk) => hunk.status === "pending").length;
  if (files.length === 0 && session.summary === "") return null;
  return (
    <section class="block proposal" aria-label={text("proposal.title")}>
      <div class="block-head">
        <Icon name="git-pull-request" />
        <span class="grow">{text("proposal.title")}</span>
        {pending > 0 && <span class="badge">{text("proposal.pending", pending)}</span>}
      </div>
      {session.summary !== "" && <p class="summary">{session.summary}</p>}
      <Lines title={text("proposal.verified")} lines={session.verified} icon="pass" />
      <Lines title={text("proposal.unverified")} lines={session.unverified} icon="question" />
      <div class="files">
        {files.map((file) => (
          <File key={file.id} file={file} hunks={file.hunks.flatMap((id) => hunks.get(id) ?? [])} />
        ))}
      </div>
      {session.skipped_count > 0 && (
        <Fold
          id="skipped"
          label={text("proposal.skipped", session.skipped_count)}
          class="quiet"
          head={<span class="muted">{text("proposal.skipped", session.skipped_count)}</span>}
        >
          <Lines title="" lines={session.skipped} />
        </Fold>
      )}
      <div class="buttons">
        {files.length > 0 && (
          <button type="button" class="button" onClick={() => command("review")}>
            {text("proposal.review")}
          </button>
        )}
        {pending > 0 && (
          <>
            <button type="button" class="button secondary" onClick={() => command("acceptAll")}>
              {text("proposal.acceptAll")}
            </button>
            <button type="button" class="button secondary" onClick={() => command("rejectAll")}>
              {text("proposal.rejectAll")}
            </button>
          </>
        )}
        {store.undoable && (
          <button type="button" class="button secondary" onClick={() => command("undo")}>
            {text("proposal.undo")}
          </button>
        )}
      </div>
    </section>
  );
}

function File({ file, hunks }: { file: FileEntity; hunks: HunkEntity[] }): JSX.Element {
  const first = hunks.find((hunk) => hunk.status === "pending") ?? hunks[0];
  const open = (): void => {
    post({
      type: "openFile",
      root: file.root,
      path: file.path,
      ...(first === undefined ? {} : { line: first.base_start }),
    });
  };
  const added = hunks.reduce((sum, hunk) => sum + hunk.new_length, 0);
  const removed = hunks.reduce((sum, hunk) => sum + hunk.base_length, 0);
  const states = [...new Set(hunks.map((hunk) => hunk.status))].filter((status) => status !== "pending");
  const name = file.path.slice(file.path.lastIndexOf("/") + 1);
  const folder = file.path.slice(0, Math.max(0, file.path.length - name.length - 1));
  return (
    <div class="file" data-file={file.path} data-states={hunks.map((hunk) => hunk.status).join(" ")}>
      <button type="button" class="file-name grow" onClick={open} title={file.path}>
        <span class={`change ${file.change}`}>
          <Icon name={CHANGES[file.change]} />
        </span>
        <span class="nowrap">{name}</span>
        <span class="muted ellipsis">{folder}</span>
      </button>
      {states.map((status) => (
        <span key={status} class="decided muted" title={text(`hunk.${status}`)}>
          <Icon name={DECIDED[status]} />
        </span>
      ))}
      <span class="added">+{added}</span>
      <span class="removed">−{removed}</span>
      <button
        type="button"
        class="icon-button"
        title={text("proposal.compare", file.path)}
        aria-label={text("proposal.compare", file.path)}
        onClick={() => command("compareFile", file.path)}
      >
        <Icon name="diff" />
      </button>
    </div>
  );
}
