// One open file: its text, whether it is saved, and what to do when the disk has another version by now.

import { useQuery } from "@tanstack/react-query";
import { GitCompareArrows, Lock, Save } from "lucide-react";
import { lazy, Suspense, useEffect, useRef, useState } from "react";
import { useActions } from "@/app/actions";
import { asHubError, callHub, useCommand } from "@/hub";
import type { FileResult, SaveResult } from "@/hub/messages";
import { Button, Empty, Failure, Skeleton, toast } from "@/ui";
import type { Tab } from "./tabs";
import { nameOf, t } from "./words";
import css from "./project.module.css";

const TextEditor = lazy(() => import("./TextEditor"));
const DiffView = lazy(() => import("@/pages/review/diff/DiffView"));

const WATCH_MS = 4_000;

export interface FileTabProps {
  tab: Extract<Tab, { kind: "file" }>;
  active: boolean;
  goto: { line: number; at: number } | undefined;
  onDirty: (id: string, dirty: boolean) => void;
  onSaved: () => void;
}

function plain(file: FileResult): string {
  return (file.text ?? "").replaceAll("\r\n", "\n");
}

export function FileTab(props: FileTabProps): React.JSX.Element {
  const { tab, active } = props;
  const found = useQuery({
    queryKey: ["project/file", tab.id],
    queryFn: () => callHub("file/read", { session_id: tab.session, root: tab.root, path: tab.path, side: tab.side }),
    staleTime: 0,
    refetchInterval: active ? WATCH_MS : false,
  });
  if (found.data === undefined) {
    return found.error === null ? (
      <Skeleton lines={8} />
    ) : (
      <Failure error={asHubError(found.error)} retry={() => void found.refetch()} />
    );
  }
  const file = found.data;
  if (file.binary) return <Empty title={nameOf(tab.path)} text={t("binary", { size: Math.ceil(file.size / 1_000) })} />;
  if (!file.exists && !tab.made) {
    return <Gone {...props} file={file} refresh={() => void found.refetch()} />;
  }
  return <Editing {...props} file={file} refresh={() => found.refetch()} />;
}

/** A file that is not there; one that was being edited stays on the screen, for its text is nowhere else. */
function Gone(props: FileTabProps & { file: FileResult; refresh: () => void }): React.JSX.Element {
  return (
    <Empty
      title={nameOf(props.tab.path)}
      text={t("missing")}
      action={<Button onClick={props.refresh}>{t("refresh")}</Button>}
    />
  );
}

interface Held {
  /** What is on disk as far as this tab built upon it. */
  file: FileResult;
  text: string;
}

function Editing(props: FileTabProps & { file: FileResult; refresh: () => Promise<unknown> }): React.JSX.Element {
  const { tab, file, active, onDirty, onSaved } = props;
  const [held, setHeld] = useState<Held>({ file, text: plain(file) });
  const [comparing, setComparing] = useState(false);
  const [trouble, setTrouble] = useState<SaveResult | undefined>();
  const save = useCommand("file/save");
  const dirty = held.text !== plain(held.file);
  const moved = file.version !== held.file.version;
  const was = useRef(dirty);

  // Nothing was typed: the newest version is shown as it comes.
  if (moved && !dirty) setHeld({ file, text: plain(file) });

  useEffect(() => {
    if (was.current === dirty) return;
    was.current = dirty;
    onDirty(tab.id, dirty);
  }, [dirty, onDirty, tab.id]);

  const store = async (version: string): Promise<void> => {
    const text = held.text;
    const asked = { session_id: tab.session, root: tab.root, path: tab.path, side: tab.side, text, version };
    const result = await save.mutateAsync(asked).catch(() => undefined);
    if (result === undefined) return;
    if (result.state === "saved" || result.state === "same") {
      setTrouble(undefined);
      setComparing(false);
      setHeld((now) => ({ ...now, file: { ...now.file, exists: true, text, version: result.version } }));
      toast({ tone: "good", title: t(tab.side === "draft" ? "savedDraft" : "saved"), text: tab.path });
      onSaved();
    } else {
      setTrouble(result);
    }
    await props.refresh();
  };
  const saveNow = (): void => {
    if (dirty || !held.file.exists) void store(held.file.version);
  };
  useActions(
    () =>
      active
        ? [
            {
              id: "project.save",
              title: t("save"),
              group: t("title"),
              keys: "mod+s",
              run: saveNow,
              enabled: dirty || !held.file.exists,
            },
          ]
        : [],
    [active, dirty, held],
  );
  const readOnly = file.read_only !== "";
  const conflict = (moved && dirty) || trouble?.state === "changed";
  const takeTheirs = (): void => {
    setTrouble(undefined);
    setComparing(false);
    setHeld({ file, text: plain(file) });
  };
  return (
    <div className={css.editing} data-dirty={dirty}>
      <FileBar tab={tab} file={file} dirty={dirty} unmade={!held.file.exists} busy={save.isPending} onSave={saveNow} />
      {conflict && (
        <div className={css.trouble} role="alert">
          <span>{changedWords(tab, file)}</span>
          <Button size="s" icon={<GitCompareArrows aria-hidden />} onClick={() => setComparing(!comparing)}>
            {t(comparing ? "compareClose" : "compare")}
          </Button>
          <Button size="s" onClick={takeTheirs}>
            {t("takeTheirs")}
          </Button>
          <Button size="s" variant="danger" needsHub busy={save.isPending} onClick={() => void store(file.version)}>
            {t("overwrite")}
          </Button>
        </div>
      )}
      {trouble !== undefined && trouble.state !== "changed" && (
        <div className={css.trouble} role="alert">
          {t("notSaved", { reason: trouble.reason })}
        </div>
      )}
      <Suspense fallback={<Skeleton lines={8} />}>
        {comparing && conflict ? (
          <Compared tab={tab} file={file} text={held.text} />
        ) : (
          <TextEditor
            path={tab.path}
            label={t("editorLabel", { path: tab.path })}
            text={held.text}
            readOnly={readOnly}
            goto={props.goto}
            onChange={(text) => setHeld((now) => (now.text === text ? now : { ...now, text }))}
            onSave={saveNow}
          />
        )}
      </Suspense>
    </div>
  );
}

function changedWords(tab: FileTabProps["tab"], file: FileResult): string {
  if (!file.exists) return t("deletedOnDisk");
  return t(tab.side === "draft" ? "changedDraft" : "changedOnDisk");
}

function FileBar(props: {
  tab: FileTabProps["tab"];
  file: FileResult;
  dirty: boolean;
  unmade: boolean;
  busy: boolean;
  onSave: () => void;
}): React.JSX.Element {
  const { file, dirty } = props;
  return (
    <div className={css.fileBar}>
      <code className={css.filePath}>{props.tab.path}</code>
      {file.read_only === "" ? (
        <Button
          size="s"
          variant={dirty ? "primary" : "default"}
          needsHub
          disabled={!dirty && !props.unmade}
          busy={props.busy}
          icon={<Save aria-hidden />}
          onClick={props.onSave}
        >
          {t("save")}
        </Button>
      ) : (
        <span className={css.soft}>
          <Lock aria-hidden /> {t("readOnlyWhy", { reason: file.read_only })}
        </span>
      )}
    </div>
  );
}

function Compared(props: { tab: FileTabProps["tab"]; file: FileResult; text: string }): React.JSX.Element {
  return (
    <div className={css.compare}>
      <DiffView
        path={props.tab.path}
        before={plain(props.file)}
        after={props.text}
        layout={window.innerWidth > 720 ? "split" : "unified"}
        whole={false}
        wrap={false}
        labels={{ view: t("compareLabel"), before: t("onDisk"), after: t("yourText"), unchanged: t("unchanged") }}
      />
    </div>
  );
}
