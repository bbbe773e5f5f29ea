// The logs of hub and runner, newest first, with filters; an id in a line narrows them to what belongs to it.

import { RefreshCw, SearchX } from "lucide-react";
import { useDeferredValue, useState } from "react";
import { useSearchParams } from "wouter";
import { useActions } from "@/app/actions";
import { usePages } from "@/hub";
import type { LogLine } from "@/hub/messages";
import { t } from "@/text/monitoring";
import { Badge, Button, Empty, Failure, Field, Fold, Segmented, Skeleton, TextInput, type Tone } from "@/ui";
import { clockTime, exactTime } from "@/ui/amounts";
import css from "./monitoring.module.css";

const PROCESSES = ["hub", "runner"] as const;
const LEVELS = ["info", "warning", "error"] as const;
const TONES: Readonly<Record<string, Tone>> = { warning: "warn", error: "bad", critical: "bad" };
const PAGE = 100;

export function Logs(): React.JSX.Element {
  const [asked, ask] = useSearchParams();
  const [process, setProcess] = useState<(typeof PROCESSES)[number]>("hub");
  const [level, setLevel] = useState<(typeof LEVELS)[number]>("info");
  const [words, setWords] = useState("");
  const id = asked.get("id") ?? "";
  const setId = (about: string): void => {
    const next = new URLSearchParams(asked);
    if (about === "") next.delete("id");
    else next.set("id", about);
    ask(next, { replace: true });
  };
  const wanted = useDeferredValue({ process, level, words: words.trim(), correlation_id: id.trim() });
  const query = usePages("logs/read", { ...wanted, limit: PAGE });
  const refresh = (): void => void query.refetch();
  useActions(
    () => [{ id: "logs.refresh", title: t("log.refresh"), group: t("title"), keys: "r", run: refresh }],
    [query],
  );

  return (
    <div className={css.logs}>
      <div className={css.filters}>
        <Segmented
          label={t("log.process")}
          value={process}
          onChange={setProcess}
          options={PROCESSES.map((value) => ({ value, label: t(`process.${value}`) }))}
        />
        <Segmented
          label={t("log.level")}
          value={level}
          onChange={setLevel}
          options={LEVELS.map((value) => ({ value, label: t(`level.${value}`) }))}
        />
        <Button icon={<RefreshCw aria-hidden />} needsHub busy={query.isFetching} onClick={refresh}>
          {t("log.refresh")}
        </Button>
      </div>
      <div className={css.pair}>
        <Field label={t("log.id")} hint={t("log.id.hint")}>
          {(input) => <TextInput {...input} value={id} onChange={(event) => setId(event.target.value)} />}
        </Field>
        <Field label={t("log.words")}>
          {(input) => <TextInput {...input} value={words} onChange={(event) => setWords(event.target.value)} />}
        </Field>
      </div>
      <Lines query={query} onId={setId} />
    </div>
  );
}

type Pages = ReturnType<typeof usePages<"logs/read">>;

function Lines({ query, onId }: { query: Pages; onId: (id: string) => void }): React.JSX.Element {
  if (query.data === undefined) {
    if (query.error !== null) return <Failure error={query.error} retry={() => void query.refetch()} />;
    return <Skeleton lines={10} />;
  }
  const lines = query.data.pages.flatMap((page) => page.lines);
  const folder = query.data.pages[0]?.folder ?? "";
  return (
    <>
      {lines.length === 0 && (
        <Empty
          icon={<SearchX aria-hidden />}
          title={t("log.none.title")}
          text={query.hasNextPage ? t("log.searching") : t("log.none.text")}
        />
      )}
      {lines.length > 0 && (
        <ol className={css.lines} aria-label={t("log.list")}>
          {lines.map((line, place) => (
            <Line key={`${place} ${line.at}`} line={line} onId={onId} />
          ))}
        </ol>
      )}
      <div className={css.filters}>
        {query.hasNextPage ? (
          <Button needsHub busy={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
            {t("log.more")}
          </Button>
        ) : (
          lines.length > 0 && <span className={css.soft}>{t("log.end")}</span>
        )}
        <span className={css.soft}>{t("log.where", { folder })}</span>
      </div>
    </>
  );
}

function Line({ line, onId }: { line: LogLine; onId: (id: string) => void }): React.JSX.Element {
  const at = Date.parse(line.at);
  const ids = [line.correlation_id, line.session_id].filter((id) => id !== "");
  return (
    <li className={css.line}>
      <div className={css.lineHead}>
        {Number.isFinite(at) && (
          <time dateTime={line.at} title={exactTime(at)}>
            {clockTime(at)}
          </time>
        )}
        {line.level in TONES && <Badge tone={TONES[line.level] ?? "neutral"}>{line.level}</Badge>}
        <strong>{line.event}</strong>
        {ids.map((id) => (
          <button key={id} type="button" className={css.id} title={t("log.about", { id })} onClick={() => onId(id)}>
            {id}
          </button>
        ))}
      </div>
      {line.text !== "" && <div className={css.text}>{line.text}</div>}
      {line.trace !== "" && (
        <Fold title={t("log.trace")}>
          <pre className={css.trace} tabIndex={0}>
            {line.trace}
          </pre>
        </Fold>
      )}
    </li>
  );
}
