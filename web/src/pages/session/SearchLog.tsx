// Words in the log, looked for by the hub: the whole log, not what happens to be loaded.

import { X } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { asHubError, callHub, type HubError } from "@/hub";
import type { FoundStep } from "@/hub/messages";
import { session as words } from "@/text/session";
import { tShared } from "@/text/shared";
import { speak } from "@/text/speak";
import { Button, Failure, IconButton, Spinner, TextInput, Time } from "@/ui";
import css from "./session.module.css";

const t = speak(words);
const PAUSE_MS = 250;

interface Found {
  steps: readonly FoundStep[];
  /** Older steps were not looked at yet. */
  to: number | null;
}

export function SearchLog(props: {
  sessionId: string;
  go: (place: number) => void;
  onClose: () => void;
}): React.JSX.Element {
  const [text, setText] = useState("");
  const [found, setFound] = useState<Found | undefined>();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<HubError | undefined>();
  const asked = useRef(0);

  async function look(wanted: string, held: Found | undefined): Promise<void> {
    const mine = ++asked.current;
    if (wanted.trim() === "") {
      setFound(undefined);
      setBusy(false);
      return;
    }
    setBusy(true);
    try {
      const before = held?.to ?? null;
      const page = await callHub("steps/search", { session_id: props.sessionId, text: wanted.trim(), before });
      if (asked.current !== mine) return;
      setFound({ steps: [...(held?.steps ?? []), ...page.found], to: page.searched_to });
      setError(undefined);
    } catch (failure) {
      if (asked.current === mine) setError(asHubError(failure));
    }
    if (asked.current === mine) setBusy(false);
  }

  useEffect(() => {
    const later = window.setTimeout(() => void look(text, undefined), PAUSE_MS);
    return () => window.clearTimeout(later);
    // eslint-disable-next-line react-hooks/exhaustive-deps -- a new search begins with new words only
  }, [text]);

  return (
    <section className={css.search} aria-label={t("search")}>
      <div className={css.answer}>
        <TextInput
          autoFocus
          type="search"
          value={text}
          placeholder={t("search.hint")}
          aria-label={t("search")}
          onChange={(event) => setText(event.currentTarget.value)}
          onKeyDown={(event) => {
            const [first] = found?.steps ?? [];
            if (event.key === "Escape") props.onClose();
            if (event.key === "Enter" && first !== undefined) props.go(first.place);
          }}
        />
        {busy && <Spinner label={tShared("loading")} />}
        <IconButton label={tShared("action.close")} icon={<X aria-hidden />} onClick={props.onClose} />
      </div>
      {error !== undefined && <Failure error={error} retry={() => void look(text, undefined)} />}
      {found !== undefined && (
        <>
          <p className={css.soft} role="status">
            {found.steps.length === 0 && found.to === null
              ? t("search.none")
              : t("search.found", { n: found.steps.length })}
          </p>
          <ul className={css.hits}>
            {found.steps.map((hit) => (
              <li key={hit.step_id}>
                <button type="button" onClick={() => props.go(hit.place)}>
                  <strong>{hit.title}</strong>
                  <span className={css.soft}>{hit.excerpt}</span>
                  <Time at={hit.at} />
                </button>
              </li>
            ))}
          </ul>
          {found.to !== null && (
            <Button size="s" onClick={() => void look(text, found)} needsHub>
              {t("search.more")}
            </Button>
          )}
        </>
      )}
    </section>
  );
}
