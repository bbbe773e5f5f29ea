// Where the reviewer is, and what they do: the current hunk and file, decisions, comments, and the keys for all of it.

import { useCallback, useEffect, useMemo, useState, useSyncExternalStore } from "react";
import { useSearchParams } from "wouter";
import { useActions } from "@/app/actions";
import { useCommand } from "@/hub";
import type { HunkEntity, SessionEntity } from "@/hub/messages";
import { toast, useConfirm } from "@/ui";
import { isOpen, messageOf, neighbour, nextOpen, placesOf, type Comment, type ReviewFile } from "./model";
import { useComments, type Comments } from "./useComments";
import { useDeciding, type Deciding } from "./useDeciding";
import { t } from "./words";

const narrow = window.matchMedia("(max-width: 720px)");

export function useNarrow(): boolean {
  return useSyncExternalStore(
    (watcher) => {
      narrow.addEventListener("change", watcher);
      return () => narrow.removeEventListener("change", watcher);
    },
    () => narrow.matches,
  );
}

interface Asked {
  session: SessionEntity;
  files: readonly ReviewFile[];
  layout: "unified" | "split";
  setLayout: (layout: "unified" | "split") => void;
  undoable: boolean;
}

export interface ReviewState {
  file: ReviewFile;
  current: string | undefined;
  show: { hunk: string; at: number } | undefined;
  whole: boolean;
  composing: number | undefined;
  conflictShown: boolean;
  sending: boolean;
  deciding: Deciding;
  comments: Comments;
  open: (file: ReviewFile) => void;
  openConflict: (file: ReviewFile) => void;
  setConflictShown: (shown: boolean) => void;
  setCurrent: (hunk: string) => void;
  toggleWhole: () => void;
  compose: (line: number | undefined) => void;
  comment: (line: number, code: string, text: string, now: boolean) => void;
  dropComments: () => Promise<void>;
  send: (comments?: readonly Comment[]) => void;
  decide: (hunk: HunkEntity, how: "accept" | "reject") => Promise<void>;
  all: (how: "accept" | "reject") => Promise<void>;
}

export function useReview({ session, files, layout, setLayout, undoable }: Asked): ReviewState {
  const [asked, setAsked] = useSearchParams();
  const [fileId, setFileId] = useState(() => first(files, asked)?.id);
  const [current, setCurrent] = useState(() => asked.get("hunk") ?? first(files, asked)?.hunks.find(isOpen)?.id);
  const [show, setShow] = useState<{ hunk: string; at: number } | undefined>();
  const [whole, setWhole] = useState(false);
  const [composing, setComposing] = useState<number | undefined>();
  const [conflictShown, setConflictShown] = useState(true);
  const deciding = useDeciding(session.id);
  const comments = useComments(session.id);
  const message = useCommand("session/message");
  const confirm = useConfirm();
  const file = files.find((one) => one.id === fileId) ?? files[0];
  if (file === undefined) throw new Error("a review without files");

  useEffect(() => {
    setAsked({ file: file.path, ...(current === undefined ? {} : { hunk: current }) }, { replace: true });
  }, [file.path, current, setAsked]);

  const go = useCallback((to: { file: ReviewFile; hunk: HunkEntity } | undefined) => {
    if (to === undefined) return;
    setFileId(to.file.id);
    setCurrent(to.hunk.id);
    setComposing(undefined);
    setShow((before) => ({ hunk: to.hunk.id, at: (before?.at ?? 0) + 1 }));
  }, []);
  const open = useCallback(
    (one: ReviewFile) => {
      setFileId(one.id);
      setComposing(undefined);
      const hunk = one.hunks.find(isOpen) ?? one.hunks[0];
      setCurrent(hunk?.id);
      setShow(undefined);
    },
    [setFileId],
  );

  const send = (all: readonly Comment[] = comments.all): void => {
    const text = messageOf(t("messageIntro"), (path, line) => t("messagePlace", { path, line: String(line) }), all);
    message.mutate(
      { session_id: session.id, text },
      {
        onSuccess: () => {
          for (const one of all) comments.remove(one.id);
          setComposing(undefined);
          toast({ tone: "good", title: t("commentsSent"), text: t("commentsSentText") });
        },
      },
    );
  };
  const comment = (line: number, code: string, text: string, now: boolean): void => {
    const made: Comment = { id: crypto.randomUUID(), path: file.path, root: file.root, line, code, text };
    if (now) send([made]);
    else {
      comments.put(made);
      setComposing(undefined);
    }
  };
  const decide = async (hunk: HunkEntity, how: "accept" | "reject"): Promise<void> => {
    setCurrent(hunk.id);
    if (await deciding[how]([hunk])) go(nextOpen(files, hunk.id));
  };
  const all = async (how: "accept" | "reject"): Promise<void> => {
    const left = files.flatMap((one) => one.hunks).filter(isOpen);
    const agreed = await confirm({
      title: t(how === "accept" ? "acceptAllTitle" : "rejectAllTitle"),
      text: t(how === "accept" ? "acceptAllText" : "rejectAllText", { n: left.length }),
      action: t(how === "accept" ? "acceptAll" : "rejectAll"),
      danger: how === "reject",
    });
    if (agreed) await deciding[how](left);
  };
  const dropComments = async (): Promise<void> => {
    const question = {
      title: t("commentsDropTitle"),
      text: t("commentsDropText"),
      action: t("commentsDrop"),
      danger: true,
    };
    if (await confirm(question)) comments.clear();
  };

  const state: ReviewState = {
    file,
    current,
    show,
    whole,
    composing,
    conflictShown,
    sending: message.isPending,
    deciding,
    comments,
    open,
    openConflict: (one) => {
      open(one);
      setConflictShown(true);
    },
    setConflictShown,
    setCurrent,
    toggleWhole: () => setWhole((before) => !before),
    compose: setComposing,
    comment,
    dropComments,
    send,
    decide,
    all,
  };
  useKeys(state, files, go, () => setLayout(layout === "split" ? "unified" : "split"), undoable);
  return state;
}

function first(files: readonly ReviewFile[], asked: URLSearchParams): ReviewFile | undefined {
  const hunk = asked.get("hunk");
  const path = asked.get("file");
  return (
    files.find((file) => hunk !== null && file.hunks.some((one) => one.id === hunk)) ??
    files.find((file) => path !== null && file.path === path) ??
    files.find((file) => file.hunks.some(isOpen)) ??
    files[0]
  );
}

function useKeys(
  state: ReviewState,
  files: readonly ReviewFile[],
  go: (to: { file: ReviewFile; hunk: HunkEntity } | undefined) => void,
  toggleLayout: () => void,
  undoable: boolean,
): void {
  const { file, current, deciding } = state;
  const hunk = useMemo(() => file.hunks.find((one) => one.id === current), [file, current]);
  const at = files.indexOf(file);
  useActions(() => {
    const group = t("title");
    const line = hunk === undefined ? 1 : (placesOf(file.hunks).find((one) => one.hunk.id === hunk.id)?.draftLine ?? 1);
    const decide = (how: "accept" | "reject") => () => {
      if (hunk !== undefined) void state.decide(hunk, how);
    };
    const openAt = (place: number) => () => {
      const found = files[place];
      if (found !== undefined) state.open(found);
    };
    const anyOpen = files.some((one) => one.hunks.some(isOpen));
    return [
      { id: "review.next", title: t("nextHunk"), group, keys: "j", run: () => go(neighbour(files, current, 1)) },
      {
        id: "review.previous",
        title: t("previousHunk"),
        group,
        keys: "k",
        run: () => go(neighbour(files, current, -1)),
      },
      { id: "review.open", title: t("nextOpen"), group, keys: "n", run: () => go(nextOpen(files, current)) },
      {
        id: "review.nextFile",
        title: t("nextFile"),
        group,
        keys: "]",
        run: openAt(at + 1),
        enabled: at + 1 < files.length,
      },
      { id: "review.previousFile", title: t("previousFile"), group, keys: "[", run: openAt(at - 1), enabled: at > 0 },
      {
        id: "review.accept",
        title: t("acceptHunk"),
        group,
        keys: "a",
        run: decide("accept"),
        enabled: hunk !== undefined,
      },
      {
        id: "review.reject",
        title: t("rejectHunk"),
        group,
        keys: "x",
        run: decide("reject"),
        enabled: hunk !== undefined,
      },
      {
        id: "review.acceptFile",
        title: t("acceptFile"),
        group,
        keys: "shift+a",
        run: () => void deciding.accept(file.hunks),
      },
      {
        id: "review.rejectFile",
        title: t("rejectFile"),
        group,
        keys: "shift+x",
        run: () => void deciding.reject(file.hunks),
      },
      {
        id: "review.acceptAll",
        title: t("acceptAll"),
        group,
        keys: "mod+enter",
        run: () => void state.all("accept"),
        enabled: anyOpen,
      },
      { id: "review.rejectAll", title: t("rejectAll"), group, run: () => void state.all("reject"), enabled: anyOpen },
      { id: "review.undo", title: t("undo"), group, keys: "u", run: deciding.undo, enabled: undoable },
      { id: "review.comment", title: t("comment"), group, keys: "m", run: () => state.compose(line) },
      { id: "review.layout", title: t("toggleLayout"), group, keys: "v", run: toggleLayout },
      { id: "review.whole", title: t("whole"), group, keys: "w", run: state.toggleWhole },
    ];
  }, [files, file, current, hunk, deciding.busy, undoable, toggleLayout]);
}
