// The prompt: many lines, history with the arrows, file names after `@`, and what was attached as chips.

import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { Autonomy } from "../../protocol/messages";
import { fileQueryAt, lineRange } from "../prompt";
import type { Attachment } from "../wire";
import { command, post, save, saved, text } from "./host";
import { Icon } from "./parts";
import { state } from "./state";

const MODES: Autonomy[] = ["suggest", "ask", "auto"];

interface PromptProps {
  working: boolean;
  sessionId: string | null;
  enabled: boolean;
  refresh: () => void;
}

export function Prompt({ working, sessionId, enabled, refresh }: PromptProps): JSX.Element {
  const [draft, setDraft] = useState(saved.draft);
  const [recalled, setRecalled] = useState(-1);
  const [chosen, setChosen] = useState(0);
  const [completing, setCompleting] = useState<{ start: number; query: string } | undefined>();
  const box = useRef<HTMLTextAreaElement>(null);
  const asked = useRef(0);
  const paths = completing !== undefined && state.files.query === asked.current ? state.files.paths : [];

  useEffect(() => {
    if (state.focusWanted > 0) box.current?.focus();
  }, [state.focusWanted]);
  useEffect(() => {
    if (state.sent > 0) change("");
  }, [state.sent]);

  function change(value: string): void {
    saved.draft = value;
    save();
    setDraft(value);
  }

  function typed(value: string, cursor: number): void {
    change(value);
    setRecalled(-1);
    const query = fileQueryAt(value, cursor);
    setCompleting(query);
    setChosen(0);
    if (query === undefined) return;
    asked.current += 1;
    post({ type: "files", query: asked.current, text: query.query });
  }

  function complete(path: string): void {
    if (completing === undefined || box.current === null) return;
    const end = completing.start + 1 + completing.query.length;
    change(`${draft.slice(0, completing.start)}@${path} ${draft.slice(end)}`);
    setCompleting(undefined);
    const cursor = completing.start + path.length + 2;
    const element = box.current;
    requestAnimationFrame(() => {
      element.focus();
      element.setSelectionRange(cursor, cursor);
    });
  }

  function send(): void {
    if (!enabled || (draft.trim() === "" && state.attachments.length === 0)) return;
    post({ type: "send", text: draft, attachments: state.attachments, toSession: sessionId });
    setCompleting(undefined);
  }

  function recall(step: 1 | -1): boolean {
    const next = recalled + step;
    if (next < -1 || next >= state.prompts.length) return false;
    setRecalled(next);
    change(next === -1 ? "" : (state.prompts[next] ?? ""));
    return true;
  }

  function keyInList(event: KeyboardEvent): boolean {
    const path = paths[chosen];
    if (path === undefined) return false;
    if (event.key === "Enter" || event.key === "Tab") complete(path);
    else if (event.key === "ArrowDown") setChosen((chosen + 1) % paths.length);
    else if (event.key === "ArrowUp") setChosen((chosen + paths.length - 1) % paths.length);
    else if (event.key === "Escape") setCompleting(undefined);
    else return false;
    return true;
  }

  function keyInBox(event: KeyboardEvent): boolean {
    const plain = !event.shiftKey && !event.ctrlKey && !event.altKey && !event.metaKey;
    // With history in the box the arrows go on through it; else only where there is no line to go to.
    const untouched = draft === "" || recalled >= 0;
    if (event.key === "Enter" && plain && !event.isComposing) send();
    else if (event.key === "ArrowUp" && plain && untouched) return recall(1);
    else if (event.key === "ArrowDown" && plain && recalled >= 0) return recall(-1);
    else return false;
    return true;
  }

  const placeholder = text(sessionId === null ? "prompt.start" : "prompt.message");
  return (
    <div class="prompt">
      {paths.length > 0 && <Files paths={paths} chosen={chosen} complete={complete} />}
      <div class="box">
        <Chips refresh={refresh} />
        <textarea
          ref={box}
          rows={1}
          value={draft}
          placeholder={placeholder}
          aria-label={text("prompt.label")}
          aria-controls="files"
          onInput={(event) => typed(event.currentTarget.value, event.currentTarget.selectionStart)}
          onBlur={() => setCompleting(undefined)}
          onKeyDown={(event) => {
            if (keyInList(event) || keyInBox(event)) event.preventDefault();
          }}
        />
        <div class="prompt-bar">
          <Mode />
          <button
            type="button"
            class="chip-button ellipsis"
            title={text("model.choose")}
            onClick={() => command("chooseModel")}
          >
            <Icon name="chip" />
            <span class="ellipsis">{state.surroundings.model || text("model.auto")}</span>
          </button>
          <span class="grow" />
          {working && (
            <button
              type="button"
              class="icon-button"
              title={text("prompt.stop")}
              aria-label={text("prompt.stop")}
              onClick={() => command("cancel")}
            >
              <Icon name="debug-stop" />
            </button>
          )}
          <button
            type="button"
            class="icon-button send"
            title={text("prompt.send")}
            aria-label={text("prompt.send")}
            disabled={!enabled || (draft.trim() === "" && state.attachments.length === 0)}
            onClick={send}
          >
            <Icon name="send" />
          </button>
        </div>
      </div>
    </div>
  );
}

function Mode(): JSX.Element {
  return (
    <label class="chip-button mode" title={text("autonomy.label")}>
      <Icon name="shield" />
      <select
        aria-label={text("autonomy.label")}
        value={state.surroundings.autonomy}
        onChange={(event) => post({ type: "autonomy", autonomy: event.currentTarget.value as Autonomy })}
      >
        {MODES.map((mode) => (
          <option key={mode} value={mode}>
            {text(`autonomy.${mode}`)}
          </option>
        ))}
      </select>
    </label>
  );
}

function Files({
  paths,
  chosen,
  complete,
}: {
  paths: string[];
  chosen: number;
  complete: (path: string) => void;
}): JSX.Element {
  return (
    <div id="files" class="completions" role="listbox" aria-label={text("prompt.files")}>
      {paths.map((path, index) => (
        <div
          key={path}
          role="option"
          tabIndex={-1}
          aria-selected={index === chosen}
          class={index === chosen ? "chosen" : ""}
          onMouseDown={(event) => {
            event.preventDefault();
            complete(path);
          }}
        >
          <Icon name="file" />
          <span class="ellipsis">{path}</span>
        </div>
      ))}
    </div>
  );
}

function Chips({ refresh }: { refresh: () => void }): JSX.Element | null {
  if (state.attachments.length === 0) return null;
  const remove = (one: Attachment): void => {
    state.attachments = state.attachments.filter((other) => other !== one);
    refresh();
  };
  return (
    <div class="chips">
      {state.attachments.map((one, index) => {
        const lines = lineRange(one);
        const name = `${one.path.slice(one.path.lastIndexOf("/") + 1)}${lines === "" ? "" : `:${lines}`}`;
        return (
          <span key={index} class="chip" title={one.path}>
            <Icon name={lines === "" ? "file" : "selection"} />
            <span class="ellipsis">{name}</span>
            <button type="button" aria-label={text("prompt.remove", name)} onClick={() => remove(one)}>
              <Icon name="close" />
            </button>
          </span>
        );
      })}
    </div>
  );
}
