// One file under review: its head, its difference with a bar above each hunk, findings and comments at their lines.

import { Check, X } from "lucide-react";
import { lazy, Suspense, useMemo, useState } from "react";
import type { FindingEntity, HunkEntity, SessionEntity } from "@/hub/messages";
import { Badge, Button, Failure, Segmented, Skeleton } from "@/ui";
import { Lines } from "./FileList";
import { HunkBar, HunkBarLeft } from "./HunkBar";
import { CommentNote, Composer, FindingNote } from "./LineNotes";
import { canAccept, canReject, placesOf, type Comment, type ReviewFile } from "./model";
import { PlainHunks } from "./PlainHunks";
import type { Deciding } from "./useDeciding";
import { plainText, useSides, type Sides } from "./useSides";
import { t, word } from "./words";
import css from "./review.module.css";
import type { Placed as SlotPlaced } from "./diff/DiffView";

const DiffView = lazy(() => import("./diff/DiffView"));
const ConflictView = lazy(() => import("./ConflictView"));

const BAR = 36;

export interface FileReviewProps {
  session: SessionEntity;
  file: ReviewFile;
  findings: readonly FindingEntity[];
  comments: readonly Comment[];
  composing: number | undefined;
  layout: "unified" | "split";
  whole: boolean;
  wrap: boolean;
  current: string | undefined;
  show: { hunk: string; at: number } | undefined;
  deciding: Deciding;
  sending: boolean;
  conflictShown: boolean;
  onConflict: (shown: boolean) => void;
  onCurrent: (hunk: HunkEntity) => void;
  onAccept: (hunk: HunkEntity) => void;
  onReject: (hunk: HunkEntity) => void;
  onCompose: (line: number | undefined) => void;
  onComment: (line: number, code: string, text: string, send: boolean) => void;
  onRemoveComment: (id: string) => void;
}

export function FileReview(props: FileReviewProps): React.JSX.Element {
  const { session, file } = props;
  const { sides, error, retry } = useSides(session, file);
  const conflict = file.state === "conflict";
  return (
    <section className={css.fileReview} aria-label={file.path} data-file={file.path}>
      <FileHead {...props} stale={sides === undefined ? undefined : staleness(sides, file)} />
      {conflict && props.conflictShown ? (
        <Suspense fallback={<Skeleton lines={6} />}>
          <ConflictView
            session={session}
            file={file}
            deciding={props.deciding}
            onDone={() => props.onConflict(false)}
          />
        </Suspense>
      ) : error !== undefined ? (
        error.code === "file_too_large" ? (
          <PlainHunks {...props} text={t("tooLarge")} />
        ) : (
          <Failure error={error} retry={retry} />
        )
      ) : sides === undefined ? (
        <Skeleton lines={10} />
      ) : sides.base.binary || sides.draft.binary || file.change === "binary" ? (
        <PlainHunks {...props} text={t("binary")} sizes={[sides.base.size, sides.draft.size]} />
      ) : (
        <Difference {...props} sides={sides} />
      )}
    </section>
  );
}

function staleness(sides: Sides, file: ReviewFile): "changed" | "gone" | undefined {
  const now = sides.workspace;
  const untouched = file.hunks.every((hunk) => hunk.status === "pending" || hunk.status === "rejected");
  if (now === undefined || !untouched || now.version === sides.base.version) return undefined;
  if (now.exists) return "changed";
  return sides.base.exists ? "gone" : undefined;
}

function FileHead(props: FileReviewProps & { stale: "changed" | "gone" | undefined }): React.JSX.Element {
  const { file, deciding } = props;
  const folder = file.path.slice(0, file.path.lastIndexOf("/") + 1);
  return (
    <>
      <header className={css.fileHead}>
        <h2 className={css.path} title={file.path}>
          <span className={css.soft}>{folder}</span>
          {file.path.slice(folder.length)}
        </h2>
        {file.change !== "modify" && <Badge>{word("change", file.change)}</Badge>}
        <Lines file={file} />
        <span className={css.grow} />
        {file.state === "conflict" && (
          <Segmented
            label={t("view")}
            value={props.conflictShown ? "conflict" : "changes"}
            options={[
              { value: "changes", label: t("changes") },
              { value: "conflict", label: t("conflict") },
            ]}
            onChange={(value) => props.onConflict(value === "conflict")}
          />
        )}
        {file.hunks.some(canReject) && (
          <Button
            size="s"
            variant="quiet"
            needsHub
            disabled={deciding.busy}
            icon={<X aria-hidden />}
            onClick={() => void deciding.reject(file.hunks)}
          >
            {t("rejectFile")}
          </Button>
        )}
        {file.hunks.some(canAccept) && (
          <Button
            size="s"
            needsHub
            disabled={deciding.busy}
            icon={<Check aria-hidden />}
            onClick={() => void deciding.accept(file.hunks)}
          >
            {t("acceptFile")}
          </Button>
        )}
      </header>
      {props.stale !== undefined && (
        <p className={css.stale} role="status" data-stale={props.stale}>
          {t(props.stale === "gone" ? "stateStaleGone" : "stateStale")}
        </p>
      )}
    </>
  );
}

function Difference(props: FileReviewProps & { sides: Sides }): React.JSX.Element {
  const { file, sides } = props;
  const before = useMemo(() => plainText(sides.base), [sides.base]);
  const after = useMemo(() => plainText(sides.draft), [sides.draft]);
  const order = file.hunks.map((hunk) => `${hunk.id}:${hunk.base_start}`).join();
  // What is shown as changed follows from which hunks there are, not from what became of them.
  // eslint-disable-next-line react-hooks/exhaustive-deps -- `order` stands for the hunks
  const placed = useMemo(() => placesOf(file.hunks), [order]);
  const slots = useSlots(props, after);
  const mode = file.hunks.find((hunk) => hunk.base_start === 0);
  const shownLine = placed.find(({ hunk }) => hunk.id === props.show?.hunk)?.draftLine;
  const at = props.show?.at ?? 0;
  const show = useMemo(() => (shownLine === undefined ? undefined : { line: shownLine, at }), [shownLine, at]);
  const elsewhere = useOutside(props, placed);
  return (
    <>
      {mode !== undefined && <PlainHunks {...props} only={mode} />}
      {elsewhere.length > 0 && (
        <details className={css.elsewhere}>
          <summary>{t("findingsElsewhere", { n: elsewhere.length })}</summary>
          {elsewhere.map((finding) => (
            <FindingNote key={finding.id} finding={finding} />
          ))}
        </details>
      )}
      <div className={css.difference}>
        <Suspense fallback={<Skeleton lines={10} />}>
          <DiffView
            path={file.path}
            before={before}
            after={after}
            layout={props.layout}
            whole={props.whole}
            wrap={props.wrap}
            placed={placed}
            slots={slots}
            onLine={(line) => props.onCompose(line)}
            show={show}
            labels={{
              view: t("diffLabel", { path: file.path }),
              before: t("sideBase", { path: file.path }),
              after: t("sideDraft", { path: file.path }),
              unchanged: t("unchangedLines", { n: 2 }).replace("2", "$"),
            }}
          />
        </Suspense>
      </div>
    </>
  );
}

const CONTEXT = 3;

/** Findings on lines that the difference leaves out. */
function useOutside(props: FileReviewProps, placed: ReturnType<typeof placesOf>): readonly FindingEntity[] {
  if (props.whole) return [];
  return props.findings.filter(
    (finding) =>
      !placed.some(
        ({ hunk, draftLine }) =>
          finding.line >= draftLine - CONTEXT && finding.line < draftLine + hunk.new_length + CONTEXT,
      ),
  );
}

function useSlots(props: FileReviewProps, after: string): SlotPlaced[] {
  const { file, current, deciding } = props;
  const [editing, setEditing] = useState<string | undefined>();
  const code = (line: number): string => after.split("\n")[line - 1] ?? "";
  const all = placesOf(file.hunks);
  const slots: SlotPlaced[] = all.flatMap(({ hunk, baseLine, draftLine }) => {
    const number = file.hunks.indexOf(hunk) + 1;
    const bar = (
      <HunkBar
        hunk={hunk}
        number={number}
        total={file.hunks.length}
        current={hunk.id === current}
        busy={deciding.busy}
        onAccept={() => props.onAccept(hunk)}
        onReject={() => props.onReject(hunk)}
        onCurrent={() => props.onCurrent(hunk)}
        onComment={hunk.new_length > 0 ? () => props.onCompose(draftLine) : undefined}
      />
    );
    const id = `hunk-${hunk.id}`;
    // The two sides stay level only if a bar stands beside another bar, or beside the room that the view makes itself.
    const gone = hunk.new_length === 0 && draftLine > 1;
    const right: SlotPlaced = gone
      ? { id, side: "right", line: draftLine - 1, where: "below", height: BAR, content: bar }
      : { id, side: "right", line: draftLine, where: "above", height: BAR, content: bar };
    if (gone || hunk.base_length === 0) return [right];
    const content = <HunkBarLeft line={baseLine} current={hunk.id === current} />;
    return [right, { id, side: "left", line: baseLine, where: "above", height: BAR, content }];
  });
  for (const finding of props.findings) {
    const content = <FindingNote finding={finding} />;
    slots.push({ id: `finding-${finding.id}`, side: "right", line: finding.line, where: "below", height: 60, content });
  }
  for (const comment of props.comments) {
    const content =
      editing === comment.id ? (
        <Composer
          line={comment.line}
          text={comment.text}
          busy={props.sending}
          onAdd={(text) => {
            setEditing(undefined);
            props.onRemoveComment(comment.id);
            props.onComment(comment.line, comment.code, text, false);
          }}
          onSend={(text) => {
            setEditing(undefined);
            props.onRemoveComment(comment.id);
            props.onComment(comment.line, comment.code, text, true);
          }}
          onClose={() => setEditing(undefined)}
        />
      ) : (
        <CommentNote
          comment={comment}
          onEdit={() => setEditing(comment.id)}
          onRemove={() => props.onRemoveComment(comment.id)}
        />
      );
    slots.push({ id: `comment-${comment.id}`, side: "right", line: comment.line, where: "below", height: 70, content });
  }
  const { composing } = props;
  if (composing !== undefined) {
    const content = (
      <Composer
        line={composing}
        text=""
        busy={props.sending}
        onAdd={(text) => props.onComment(composing, code(composing), text, false)}
        onSend={(text) => props.onComment(composing, code(composing), text, true)}
        onClose={() => props.onCompose(undefined)}
      />
    );
    slots.push({ id: `compose-${composing}`, side: "right", line: composing, where: "below", height: 130, content });
  }
  return slots;
}
