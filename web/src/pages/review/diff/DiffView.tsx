// Two texts and what differs, one under the other or side by side. Loaded late: it brings the editor along.

import { MergeView, unifiedMergeView } from "@codemirror/merge";
import { Compartment, EditorState, type Extension } from "@codemirror/state";
import { Decoration, EditorView, lineNumbers } from "@codemirror/view";
import { useEffect, useMemo, useRef, useState, type ReactNode } from "react";
import { createPortal } from "react-dom";
import { editorTheme, loadLanguage } from "@/ui/code/editor";
import { changesOf, lineStarts } from "../changes";
import type { Placed as PlacedHunk } from "../model";
import { placeSlots, slotsOf, type Slot } from "./slots";
import css from "./diff.module.css";

export interface Placed extends Slot {
  /** `left` stands in the old text, and only side by side. */
  side: "left" | "right";
  content: ReactNode;
}

export interface DiffViewProps {
  path: string;
  before: string;
  after: string;
  labels: { view: string; before: string; after: string; unchanged: string; comment?: string };
  layout: "unified" | "split";
  whole: boolean;
  wrap: boolean;
  /** The hunks that make the difference; without them it is worked out here. */
  placed?: readonly PlacedHunk[] | undefined;
  slots?: readonly Placed[];
  /** A line's number was clicked. */
  onLine?: (line: number) => void;
  /** Bring this line of the new text into view; `at` says anew. */
  show?: { line: number; at: number } | undefined;
}

interface Shown {
  right: EditorView;
  left: EditorView | undefined;
  destroy: () => void;
}

const NOTHING: readonly Placed[] = [];

export default function DiffView(props: DiffViewProps): React.JSX.Element {
  const { slots = NOTHING, layout, show } = props;
  const parent = useRef<HTMLDivElement>(null);
  const shown = useRef<Shown>(undefined);
  const latest = useRef(props);
  const [hosts, setHosts] = useState<ReadonlyMap<string, HTMLElement>>(new Map());
  useEffect(() => {
    latest.current = props;
  });
  const visible = useMemo(() => slots.filter((slot) => layout === "split" || slot.side === "right"), [slots, layout]);
  const places = visible.map((slot) => `${slot.side}:${slot.id}:${slot.line}:${slot.where}`).join("\n");

  useEffect(() => {
    const element = parent.current;
    if (element === null) return;
    const host = (side: "left" | "right") => (id: string, found: HTMLElement | undefined) => {
      // The editor draws while React may be drawing, too.
      queueMicrotask(() => setHosts((before) => withHost(before, `${side}:${id}`, found)));
    };
    const made = build(element, latest.current, host("left"), host("right"));
    shown.current = made;
    return () => {
      shown.current = undefined;
      made.destroy();
    };
  }, [props.before, props.after, props.path, props.placed, layout, props.whole, props.wrap]);

  useEffect(() => {
    const { slots: all = NOTHING } = latest.current;
    const now = shown.current;
    if (now === undefined) return;
    placeSlots(
      now.right,
      all.filter((slot) => slot.side === "right"),
    );
    if (now.left !== undefined)
      placeSlots(
        now.left,
        all.filter((slot) => slot.side === "left"),
      );
  }, [places, props.before, props.after, props.path, props.placed, layout, props.whole, props.wrap]);

  useEffect(() => {
    const view = shown.current?.right;
    if (view === undefined || show === undefined) return;
    const line = view.state.doc.line(Math.min(Math.max(1, show.line), view.state.doc.lines));
    view.dispatch({ effects: EditorView.scrollIntoView(line.from, { y: "start", yMargin: 72 }) });
  }, [show, props.before, props.after, props.path, layout, props.whole]);

  return (
    <>
      <div
        ref={parent}
        className={css.diff}
        data-layout={layout}
        data-comments={props.onLine === undefined ? undefined : ""}
        role="region"
        aria-label={props.labels.view}
        tabIndex={layout === "split" ? 0 : -1}
      />
      {visible.map((slot) => {
        const element = hosts.get(`${slot.side}:${slot.id}`);
        return element === undefined ? null : createPortal(slot.content, element, `${slot.side}:${slot.id}`);
      })}
    </>
  );
}

function withHost(
  before: ReadonlyMap<string, HTMLElement>,
  key: string,
  element: HTMLElement | undefined,
): ReadonlyMap<string, HTMLElement> {
  const after = new Map(before);
  if (element !== undefined) after.set(key, element);
  else if (before.get(key)?.isConnected !== true) after.delete(key);
  return after;
}

/** Lines that are new, or gone, as a whole: a first line and how many. */
function wholeLines(text: string, runs: readonly (readonly [number, number])[]): Extension {
  const starts = lineStarts(text);
  const mark = Decoration.line({ class: "cm-wholeHunk" });
  const ranges = runs.flatMap(([first, count]) =>
    Array.from({ length: count }, (_, at) => starts[first - 1 + at])
      .filter((start) => start !== undefined)
      .map((start) => mark.range(start)),
  );
  return EditorView.decorations.of(Decoration.set(ranges, true));
}

function build(
  parent: HTMLElement,
  props: DiffViewProps,
  left: (id: string, found: HTMLElement | undefined) => void,
  right: (id: string, found: HTMLElement | undefined) => void,
): Shown {
  const language = new Compartment();
  const { slots = NOTHING, labels } = props;
  const common = (label: string): Extension[] => [
    EditorState.readOnly.of(true),
    EditorView.editable.of(false),
    EditorState.lineSeparator.of("\n"),
    EditorState.phrases.of({ "$ unchanged lines": labels.unchanged }),
    EditorView.contentAttributes.of({ "aria-label": label, "aria-readonly": "true", tabindex: "0" }),
    editorTheme,
    language.of([]),
    ...(props.wrap ? [EditorView.lineWrapping] : []),
  ];
  const numbers = lineNumbers({
    domEventHandlers: {
      click: (view, line) => {
        props.onLine?.(view.state.doc.lineAt(line.from).number);
        return props.onLine !== undefined;
      },
    },
  });
  const changes = props.placed === undefined ? undefined : changesOf(props.before, props.after, props.placed);
  const merge = {
    gutter: true,
    highlightChanges: true,
    diffConfig: changes === undefined ? { scanLimit: 500 } : { override: () => changes },
    ...(props.whole ? {} : { collapseUnchanged: { margin: 3, minSize: 6 } }),
  };
  const rightSlots = slotsOf(
    slots.filter((slot) => slot.side === "right"),
    right,
  );
  let made: Shown;
  const placed = props.placed ?? [];
  const came = wholeLines(
    props.after,
    placed.filter(({ hunk }) => hunk.base_length === 0).map((one) => [one.draftLine, one.hunk.new_length]),
  );
  const went = wholeLines(
    props.before,
    placed.filter(({ hunk }) => hunk.new_length === 0).map((one) => [one.baseLine, one.hunk.base_length]),
  );
  if (props.layout === "split") {
    const leftSlots = slotsOf(
      slots.filter((slot) => slot.side === "left"),
      left,
    );
    const view = new MergeView({
      a: { doc: props.before, extensions: [lineNumbers(), ...common(labels.before), leftSlots, went] },
      b: { doc: props.after, extensions: [numbers, ...common(labels.after), rightSlots, came] },
      parent,
      ...merge,
    });
    made = { right: view.b, left: view.a, destroy: () => view.destroy() };
  } else {
    const view = new EditorView({
      doc: props.after,
      extensions: [
        numbers,
        ...common(labels.after),
        rightSlots,
        came,
        unifiedMergeView({ original: props.before, mergeControls: false, ...merge }),
      ],
      parent,
    });
    made = { right: view, left: undefined, destroy: () => view.destroy() };
  }
  let gone = false;
  void loadLanguage(props.path).then((found) => {
    if (gone || found === undefined) return;
    for (const view of [made.right, made.left]) view?.dispatch({ effects: language.reconfigure(found) });
  });
  const { destroy } = made;
  return {
    ...made,
    destroy: () => {
      gone = true;
      destroy();
    },
  };
}
