// Searching the workspace: text in its files, or definitions by name.

import { useEffect, useRef, useState } from "react";
import { useActions } from "@/app/actions";
import { usePages, type HubError } from "@/hub";
import type { FoundFile, SessionEntity } from "@/hub/messages";
import { tShared } from "@/text/shared";
import { Badge, Button, Checkbox, Failure, Segmented, Skeleton, TextInput } from "@/ui";
import { located } from "./tabs";
import { t } from "./words";
import css from "./project.module.css";

const QUIET_MS = 250;

export interface SearchProps {
  roots: SessionEntity["roots"];
  onOpen: (root: number, path: string, line: number) => void;
}

interface Asked {
  words: string;
  matchCase: boolean;
  regex: boolean;
  glob: string;
}

export function Search(props: SearchProps): React.JSX.Element {
  const [kind, setKind] = useState<"text" | "symbols">("text");
  const [typed, setTyped] = useState<Asked>({ words: "", matchCase: false, regex: false, glob: "" });
  const [asked, setAsked] = useState(typed);
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => {
    const timer = window.setTimeout(() => setAsked(typed), QUIET_MS);
    return () => window.clearTimeout(timer);
  }, [typed]);
  useActions(
    () => [{ id: "project.find", title: t("search"), group: t("title"), keys: "/", run: () => field.current?.focus() }],
    [],
  );
  const change = (part: Partial<Asked>): void => setTyped((before) => ({ ...before, ...part }));
  return (
    <div className={css.pane}>
      <Segmented
        label={t("searchWhat")}
        value={kind}
        options={[
          { value: "text", label: t("searchText") },
          { value: "symbols", label: t("searchSymbols") },
        ]}
        onChange={setKind}
      />
      <form
        role="search"
        className={css.searchForm}
        onSubmit={(event) => {
          event.preventDefault();
          setAsked(typed);
        }}
      >
        <TextInput
          ref={field}
          type="search"
          aria-label={t(kind === "text" ? "searchFor" : "searchForSymbols")}
          placeholder={t(kind === "text" ? "searchFor" : "searchForSymbols")}
          value={typed.words}
          onChange={(event) => change({ words: event.target.value })}
        />
        {kind === "text" && (
          <div className={css.searchOptions}>
            <Checkbox
              label={t("matchCase")}
              checked={typed.matchCase}
              onChange={(matchCase) => change({ matchCase })}
            />
            <Checkbox label={t("regex")} checked={typed.regex} onChange={(regex) => change({ regex })} />
            <TextInput
              aria-label={t("glob")}
              placeholder={t("globHint")}
              value={typed.glob}
              onChange={(event) => change({ glob: event.target.value })}
            />
          </div>
        )}
      </form>
      {asked.words.trim() === "" ? (
        <p className={css.soft}>{t("searchStart")}</p>
      ) : kind === "text" ? (
        <TextHits {...props} asked={asked} />
      ) : (
        <SymbolHits {...props} words={asked.words} />
      )}
    </div>
  );
}

function Refused({ error, retry }: { error: HubError; retry: () => void }): React.JSX.Element {
  if (error.code === "forbidden") return <p className={css.soft}>{t("searchOwner")}</p>;
  if (error.code === "bad_pattern") return <p className={css.bad}>{error.message}</p>;
  return <Failure error={error} retry={retry} />;
}

function TextHits({ roots, onOpen, asked }: SearchProps & { asked: Asked }): React.JSX.Element {
  const found = usePages(
    "code/search",
    {
      folders: roots.map((root) => root.path),
      pattern: asked.words,
      regex: asked.regex,
      ignore_case: !asked.matchCase,
      glob: asked.glob.trim() === "" ? null : asked.glob.trim(),
      limit: 100,
    },
    { staleTime: 2_000 },
  );
  if (found.data === undefined) {
    return found.error === null ? (
      <Skeleton lines={5} />
    ) : (
      <Refused error={found.error} retry={() => void found.refetch()} />
    );
  }
  const first = found.data.pages[0];
  const files = found.data.pages.flatMap((page) => page.found);
  return (
    <div className={css.hits}>
      <p className={css.soft} role="status">
        {files.length === 0
          ? t("searchNothing")
          : `${t("searchTotal", { n: first?.total ?? 0 })} ${t("searchFiles", { n: first?.files ?? 0 })}`}
        {first !== undefined && first.ended !== "" && ` · ${t("searchEnded", { reason: first.ended })}`}
      </p>
      {files.map((file, at) => (
        <Hit key={`${file.path}:${at}`} file={file} roots={roots} onOpen={onOpen} />
      ))}
      {found.hasNextPage && (
        <Button size="s" busy={found.isFetchingNextPage} onClick={() => void found.fetchNextPage()}>
          {tShared("action.more")}
        </Button>
      )}
    </div>
  );
}

function Hit({ file, roots, onOpen }: { file: FoundFile } & SearchProps): React.JSX.Element {
  const at = located(file.path, roots);
  return (
    <section aria-label={file.path}>
      <h3 className={css.hitFile} title={file.path}>
        {file.path}
      </h3>
      <ul>
        {file.lines.map((line) => (
          <li key={line.line}>
            <button type="button" className={css.hit} onClick={() => onOpen(at.root, at.path, line.line)}>
              <span className={css.hitLine}>{line.line}</span>
              <code>{line.text.trim()}</code>
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}

function SymbolHits({ roots, onOpen, words }: SearchProps & { words: string }): React.JSX.Element {
  const found = usePages(
    "code/symbols",
    { folders: roots.map((root) => root.path), query: words, limit: 50 },
    { staleTime: 2_000 },
  );
  if (found.data === undefined) {
    return found.error === null ? (
      <Skeleton lines={5} />
    ) : (
      <Refused error={found.error} retry={() => void found.refetch()} />
    );
  }
  const symbols = found.data.pages.flatMap((page) => page.symbols);
  return (
    <div className={css.hits}>
      <p className={css.soft} role="status">
        {symbols.length === 0 ? t("searchNothing") : t("searchSymbolTotal", { n: found.data.pages[0]?.total ?? 0 })}
      </p>
      <ul>
        {symbols.map((symbol) => {
          const at = located(symbol.path, roots);
          return (
            <li key={`${symbol.path}:${symbol.line}:${symbol.name}`}>
              <button type="button" className={css.symbolHit} onClick={() => onOpen(at.root, at.path, symbol.line)}>
                <span>
                  <Badge>{symbol.kind}</Badge>{" "}
                  {symbol.container === "" ? symbol.name : `${symbol.container}.${symbol.name}`}
                </span>
                <span className={css.soft}>{`${symbol.path}:${symbol.line}`}</span>
              </button>
            </li>
          );
        })}
      </ul>
      {found.hasNextPage && (
        <Button size="s" busy={found.isFetchingNextPage} onClick={() => void found.fetchNextPage()}>
          {tShared("action.more")}
        </Button>
      )}
    </div>
  );
}
