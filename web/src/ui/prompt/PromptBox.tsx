// The prompt: several lines with what it names in colour, files after `@`, templates after `/`, history, favourites,
// voice. It sends nothing itself.

import { BookmarkPlus, FileText, History, Mic, MicOff, SendHorizontal, Star, Zap } from "lucide-react";
import { useId, useRef, useState, type KeyboardEvent, type ReactNode } from "react";
import { useCall, usePreference } from "@/hub";
import { prompt as words } from "@/text/prompt";
import { speak } from "@/text/speak";
import { Button } from "../Button";
import { cx } from "../classes";
import { keyNames } from "../Kbd";
import { toast } from "../Toasts";
import { IconButton } from "../Button";
import css from "./prompt.module.css";
import { SaveTemplate } from "./SaveTemplate";
import { Shelf } from "./Shelf";
import { useVoice } from "./voice";
import { askedAt, fittingTemplates, partsOf, remembered, type Asked, type Template } from "./words";

const t = speak(words);
const KEPT = 50;
const SUGGESTED = 8;

const SHIPPED: readonly Template[] = [
  { name: "fix", text: t("template.fix") },
  { name: "tests", text: t("template.tests") },
  { name: "refactor", text: t("template.refactor") },
  { name: "review", text: t("template.review") },
  { name: "explain", text: t("template.explain") },
];

interface Suggestion {
  label: string;
  hint: string;
  text: string;
}

export interface PromptBoxProps {
  /** Whose files can be named. */
  folders: readonly string[];
  placeholder: string;
  label: string;
  action: string;
  busy: boolean;
  /** Empties the box when it is true in the end. */
  send: (text: string) => Promise<boolean>;
  /** Stands beside the buttons. */
  children?: ReactNode;
  rows?: number;
}

export function PromptBox(props: PromptBoxProps): React.JSX.Element {
  const [text, setText] = useState("");
  const [cursor, setCursor] = useState(0);
  const [chosen, setChosen] = useState(0);
  const [closed, setClosed] = useState(false);
  const [saving, setSaving] = useState(false);
  const [recalled, setRecalled] = useState(-1);
  const [history, setHistory] = usePreference("home.history");
  const [favourites, setFavourites] = usePreference("home.favourites");
  const [own, setOwn] = usePreference("home.templates");
  const box = useRef<HTMLTextAreaElement>(null);
  const paint = useRef<HTMLDivElement>(null);
  const listId = useId();
  const asked = closed ? undefined : askedAt(text, cursor);
  const suggestions = useSuggestions(asked, props.folders, own);
  const voice = useVoice(
    (heard) => change(`${text}${text === "" || /\s$/.test(text) ? "" : " "}${heard.trim()}`),
    (reason) => toast({ tone: "bad", title: t("voice.failed", { reason }) }),
  );

  function change(value: string, at = value.length): void {
    setText(value);
    setCursor(at);
    setChosen(0);
    setClosed(false);
    requestAnimationFrame(() => {
      box.current?.focus();
      box.current?.setSelectionRange(at, at);
    });
  }

  function take(suggestion: Suggestion): void {
    if (asked === undefined) return;
    const after = text.slice(asked.start + 1 + asked.query.length);
    const gap = asked.kind === "file" && !after.startsWith(" ") ? " " : "";
    const head = `${text.slice(0, asked.start)}${suggestion.text}${gap}`;
    change(head + after, head.length);
    setClosed(asked.kind === "template");
  }

  async function send(): Promise<void> {
    const wanted = text.trim();
    if (wanted === "" || props.busy) return;
    if (!(await props.send(wanted))) return;
    setHistory(remembered(history, wanted, KEPT));
    setText("");
    setRecalled(-1);
  }

  function recall(step: 1 | -1): boolean {
    const next = recalled + step;
    if (next < -1 || next >= history.length) return false;
    setRecalled(next);
    change(next === -1 ? "" : (history[next] ?? ""));
    return true;
  }

  function pressedInList(key: string): boolean {
    const suggestion = suggestions[chosen];
    if (suggestion === undefined) return false;
    if (key === "Enter" || key === "Tab") take(suggestion);
    else if (key === "ArrowDown") setChosen((chosen + 1) % suggestions.length);
    else if (key === "ArrowUp") setChosen((chosen + suggestions.length - 1) % suggestions.length);
    else if (key === "Escape") setClosed(true);
    else return false;
    return true;
  }

  function pressed(event: KeyboardEvent): void {
    if (event.nativeEvent.isComposing) return;
    const untouched = text === "" || recalled >= 0;
    let done = pressedInList(event.key);
    if (!done && event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      void send();
      done = true;
    } else if (!done && event.key === "ArrowUp" && untouched) done = recall(1);
    else if (!done && event.key === "ArrowDown" && recalled >= 0) done = recall(-1);
    if (done) event.preventDefault();
  }

  const favourite = favourites.includes(text.trim());
  return (
    <div className={css.prompt}>
      <div className={css.box}>
        <div className={css.paint} ref={paint} aria-hidden>
          {partsOf(text).map((part, place) =>
            part.kind === "text" ? (
              part.text
            ) : (
              <span key={place} className={css[part.kind]}>
                {part.text}
              </span>
            ),
          )}
          {"\n"}
        </div>
        <textarea
          ref={box}
          data-prompt=""
          value={text}
          rows={props.rows ?? 3}
          placeholder={props.placeholder}
          aria-label={props.label}
          role="combobox"
          aria-autocomplete="list"
          aria-expanded={suggestions.length > 0}
          aria-controls={listId}
          aria-activedescendant={suggestions.length > 0 ? `${listId}-${chosen}` : undefined}
          onChange={(event) => {
            setText(event.currentTarget.value);
            setCursor(event.currentTarget.selectionStart);
            setChosen(0);
            setClosed(false);
            setRecalled(-1);
          }}
          onSelect={(event) => setCursor(event.currentTarget.selectionStart)}
          onKeyDown={pressed}
          onBlur={() => setClosed(true)}
          onScroll={(event) => {
            if (paint.current !== null) paint.current.scrollTop = event.currentTarget.scrollTop;
          }}
        />
        <div
          id={listId}
          role="listbox"
          aria-label={t("completions")}
          className={css.list}
          hidden={suggestions.length === 0}
        >
          {suggestions.map((one, place) => (
            <div
              key={one.label}
              id={`${listId}-${place}`}
              role="option"
              aria-selected={place === chosen}
              className={css.option}
              onMouseDown={(event) => {
                event.preventDefault();
                take(one);
              }}
            >
              {asked?.kind === "file" ? <FileText aria-hidden /> : <Zap aria-hidden />}
              <span className={css.suggested}>{one.label}</span>
              <span className={css.hint}>{one.hint}</span>
            </div>
          ))}
        </div>
      </div>
      <div className={css.bar}>
        {props.children}
        <span className={css.grow} />
        <Shelf
          icon={<History aria-hidden />}
          title={t("history.title")}
          empty={t("history.empty")}
          groups={[
            { title: t("favourite.title"), items: favourites },
            { title: t("history.label"), items: history },
          ]}
          take={change}
        />
        <IconButton
          label={favourite ? t("favourite.remove") : t("favourite.add")}
          aria-pressed={favourite}
          icon={<Star aria-hidden />}
          disabled={text.trim() === ""}
          onClick={() =>
            setFavourites(
              favourite ? favourites.filter((one) => one !== text.trim()) : remembered(favourites, text.trim(), KEPT),
            )
          }
        />
        <IconButton label={t("template.save")} icon={<BookmarkPlus aria-hidden />} onClick={() => setSaving(true)} />
        <IconButton
          label={!voice.supported ? t("voice.none") : voice.listening ? t("voice.stop") : t("voice.start")}
          icon={voice.supported ? <Mic aria-hidden /> : <MicOff aria-hidden />}
          aria-pressed={voice.listening}
          aria-disabled={!voice.supported}
          onClick={() => (voice.supported ? voice.toggle() : toast({ title: t("voice.none") }))}
        />
        <Button
          variant="primary"
          icon={<SendHorizontal aria-hidden />}
          busy={props.busy}
          disabled={text.trim() === ""}
          needsHub
          title={t("keys", { send: keyNames("mod+enter").join("+") })}
          onClick={() => void send()}
        >
          {props.action}
        </Button>
      </div>
      {voice.listening && (
        <p className={cx(css.listening)} role="status">
          {t("voice.listening")}
        </p>
      )}
      <SaveTemplate open={saving} text={text} own={own} change={setOwn} onClose={() => setSaving(false)} />
    </div>
  );
}

function useSuggestions(
  asked: Asked | undefined,
  folders: readonly string[],
  own: readonly Template[],
): readonly Suggestion[] {
  const files = useCall(
    "code/files",
    { folders: [...folders], query: asked?.kind === "file" ? asked.query : "", limit: SUGGESTED },
    { enabled: asked?.kind === "file" && folders.length > 0, keep: true, staleTime: 10_000 },
  );
  if (asked === undefined) return [];
  if (asked.kind === "template") {
    const templates = fittingTemplates([...own, ...SHIPPED], asked.query);
    return templates.slice(0, SUGGESTED).map(({ name, text }) => ({ label: `/${name}`, hint: text, text }));
  }
  return (files.data?.paths ?? []).map((path) => ({
    label: path.slice(path.lastIndexOf("/") + 1),
    hint: path,
    text: `@${path}`,
  }));
}
