// What the file in front defines.

import { useState } from "react";
import { useCall } from "@/hub";
import { Badge, Loaded, TextInput } from "@/ui";
import type { Tab } from "./tabs";
import { t, word } from "./words";
import css from "./project.module.css";

const FILTER_FROM = 12;

export function Symbols(props: {
  tab: Extract<Tab, { kind: "file" }> | undefined;
  onGo: (line: number) => void;
}): React.JSX.Element {
  const { tab } = props;
  if (tab === undefined) return <p className={css.soft}>{t("symbolsNone")}</p>;
  return <Defined key={tab.id} tab={tab} onGo={props.onGo} />;
}

function Defined({
  tab,
  onGo,
}: {
  tab: Extract<Tab, { kind: "file" }>;
  onGo: (line: number) => void;
}): React.JSX.Element {
  const [filter, setFilter] = useState("");
  const asked = { session_id: tab.session, root: tab.root, path: tab.path, side: tab.side };
  const found = useCall("file/symbols", asked, { staleTime: 2_000 });
  return (
    <div className={css.pane}>
      <Loaded
        of={found}
        empty={(result) =>
          result.symbols.length === 0 && (
            <p className={css.soft}>
              {result.skipped === ""
                ? t("symbolsEmpty")
                : t("symbolsSkipped", { reason: word("skip", result.skipped) })}
            </p>
          )
        }
      >
        {({ symbols }) => (
          <>
            {symbols.length >= FILTER_FROM && (
              <TextInput
                aria-label={t("symbolsFilter")}
                placeholder={t("symbolsFilter")}
                value={filter}
                onChange={(event) => setFilter(event.target.value)}
              />
            )}
            <ul aria-label={t("symbols")}>
              {symbols
                .filter((symbol) => symbol.name.toLowerCase().includes(filter.trim().toLowerCase()))
                .map((symbol) => (
                  <li key={`${symbol.line}:${symbol.name}`}>
                    <button
                      type="button"
                      className={css.symbol}
                      style={{ paddingLeft: `${6 + 14 * depthOf(symbol.container)}px` }}
                      title={symbol.signature}
                      onClick={() => onGo(symbol.line)}
                    >
                      <Badge>{symbol.kind}</Badge>
                      <span className={css.symbolName}>{symbol.name}</span>
                      <span className={css.hitLine}>{symbol.line}</span>
                    </button>
                  </li>
                ))}
            </ul>
          </>
        )}
      </Loaded>
    </div>
  );
}

function depthOf(container: string): number {
  return container === "" ? 0 : container.split(".").length;
}
