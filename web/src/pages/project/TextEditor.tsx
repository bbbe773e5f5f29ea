// The text of one file, to be edited. Loaded late: it brings the editor along.

import { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands";
import { bracketMatching, indentOnInput, indentUnit } from "@codemirror/language";
import { highlightSelectionMatches, openSearchPanel, search, searchKeymap } from "@codemirror/search";
import { Compartment, EditorState, type Extension } from "@codemirror/state";
import {
  drawSelection,
  EditorView,
  highlightActiveLine,
  highlightActiveLineGutter,
  highlightSpecialChars,
  keymap,
  lineNumbers,
} from "@codemirror/view";
import { useEffect, useRef } from "react";
import { editorTheme, loadLanguage } from "@/ui/code/editor";
import css from "./project.module.css";

export interface TextEditorProps {
  path: string;
  label: string;
  /** What the file holds; a new one replaces the text. Lines end in LF. */
  text: string;
  readOnly: boolean;
  onChange: (text: string) => void;
  onSave: () => void;
  goto?: { line: number; at: number } | undefined;
}

export default function TextEditor(props: TextEditorProps): React.JSX.Element {
  const parent = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView>(undefined);
  const fixed = useRef(new Compartment());
  const latest = useRef(props);
  useEffect(() => {
    latest.current = props;
  });
  const { path, label, text, readOnly, goto } = props;

  useEffect(() => {
    const element = parent.current;
    if (element === null) return;
    const language = new Compartment();
    const made = new EditorView({
      doc: latest.current.text,
      parent: element,
      extensions: [
        ...basics(latest, label, latest.current.text),
        language.of([]),
        fixed.current.of(EditorState.readOnly.of(latest.current.readOnly)),
      ],
    });
    view.current = made;
    let gone = false;
    void loadLanguage(path).then((found) => {
      if (!gone && found !== undefined) made.dispatch({ effects: language.reconfigure(found) });
    });
    return () => {
      gone = true;
      view.current = undefined;
      made.destroy();
    };
  }, [path, label]);

  useEffect(() => {
    const now = view.current;
    if (now === undefined || now.state.doc.toString() === text) return;
    now.dispatch({ changes: { from: 0, to: now.state.doc.length, insert: text } });
  }, [text]);

  useEffect(() => {
    view.current?.dispatch({ effects: fixed.current.reconfigure(EditorState.readOnly.of(readOnly)) });
  }, [readOnly]);

  useEffect(() => {
    const now = view.current;
    if (now === undefined || goto === undefined) return;
    const line = now.state.doc.line(Math.min(Math.max(1, goto.line), now.state.doc.lines));
    now.dispatch({ selection: { anchor: line.from }, effects: EditorView.scrollIntoView(line.from, { y: "center" }) });
    now.focus();
  }, [goto]);

  return <div ref={parent} className={css.text} />;
}

function basics(latest: React.RefObject<TextEditorProps>, label: string, text: string): Extension[] {
  return [
    lineNumbers(),
    highlightSpecialChars(),
    history(),
    drawSelection(),
    EditorState.lineSeparator.of("\n"),
    indentUnit.of(/^\t/m.test(text) ? "\t" : /^ {2}\S/m.test(text) ? "  " : "    "),
    indentOnInput(),
    bracketMatching(),
    highlightActiveLine(),
    highlightActiveLineGutter(),
    highlightSelectionMatches(),
    search({ top: true }),
    editorTheme,
    EditorView.contentAttributes.of({ "aria-label": label, tabindex: "0" }),
    EditorView.updateListener.of((update) => {
      if (update.docChanged) latest.current.onChange(update.state.doc.toString());
    }),
    keymap.of([
      {
        key: "Mod-s",
        preventDefault: true,
        run: () => {
          latest.current.onSave();
          return true;
        },
      },
      { key: "Mod-f", run: openSearchPanel },
      ...defaultKeymap,
      ...searchKeymap,
      ...historyKeymap,
      indentWithTab,
    ]),
  ];
}
