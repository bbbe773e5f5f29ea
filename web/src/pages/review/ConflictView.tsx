// A file in conflict: at each place the user's text, what it was, and the draft's, side by side, to choose between.

import { useState } from "react";
import { useCall, useCommand } from "@/hub";
import type { ConflictPart, ConflictResult, SessionEntity } from "@/hub/messages";
import { Button, cx, Fold, Loaded, Segmented, TextArea, toast } from "@/ui";
import { chosen, keepsYours, merged, openPlaces, type Choice, type Choices, type Take } from "./merging";
import type { ReviewFile } from "./model";
import type { Deciding } from "./useDeciding";
import { t } from "./words";
import css from "./review.module.css";

interface ConflictProps {
  session: SessionEntity;
  file: ReviewFile;
  deciding: Deciding;
  onDone: () => void;
}

export default function ConflictView(props: ConflictProps): React.JSX.Element {
  const { session, file } = props;
  const asked = { session_id: session.id, root: file.root, path: file.path };
  const found = useCall("proposal/conflict", asked, { staleTime: 0 });
  return (
    <div className={css.conflict}>
      <Loaded of={found}>
        {(conflict) => (
          <Settle key={conflict.version} {...props} conflict={conflict} reload={() => void found.refetch()} />
        )}
      </Loaded>
    </div>
  );
}

function Settle(props: ConflictProps & { conflict: ConflictResult; reload: () => void }): React.JSX.Element {
  const { conflict, file, session, deciding } = props;
  const [choices, setChoices] = useState<Choices>({});
  const save = useCommand("file/save");
  const places = conflict.parts.flatMap((part, place) => (part.conflict ? [place] : []));
  const open = openPlaces(conflict.parts, choices);
  const own = file.hunks.filter((hunk) => hunk.status === "conflicted");

  const keep = async (): Promise<void> => {
    if (await deciding.reject(own)) props.onDone();
  };
  const settle = async (): Promise<void> => {
    if (keepsYours(conflict.parts, choices)) return keep();
    const text = merged(conflict.parts, choices);
    const asked = { session_id: session.id, root: file.root, path: file.path, text, version: conflict.version };
    const result = await save.mutateAsync(asked).catch(() => undefined);
    if (result === undefined) return;
    if (result.state !== "saved" && result.state !== "same") {
      toast({
        tone: "bad",
        title: t("conflictHeld"),
        text: result.state === "changed" ? t("conflictChanged") : result.reason,
      });
      props.reload();
      return;
    }
    // The file holds what was chosen: hunks that stand in it now are accepted, the others were decided against.
    const left = await deciding.acceptSome(own);
    if (left.length > 0) await deciding.reject(own.filter((hunk) => left.includes(hunk.id)));
    toast({ tone: "good", title: t("conflictDone"), text: file.path });
    props.onDone();
  };

  if (conflict.reason !== "") {
    return (
      <div className={css.conflictFoot}>
        <p>{conflict.reason}</p>
        <Button needsHub onClick={() => void keep()}>
          {t("conflictKeep")}
        </Button>
      </div>
    );
  }
  return (
    <>
      <p className={css.soft}>{places.length === 0 ? t("conflictNone") : t("conflictText")}</p>
      {conflict.parts.map((part, place) =>
        part.conflict ? (
          <Place
            key={place}
            part={part}
            number={places.indexOf(place) + 1}
            total={places.length}
            choice={choices[place]}
            onChoose={(choice) => setChoices((before) => ({ ...before, [place]: choice }))}
          />
        ) : (
          <Context key={place} text={part.text} first={place === 0} last={place === conflict.parts.length - 1} />
        ),
      )}
      <div className={css.conflictFoot}>
        <span className={css.soft}>{open > 0 && t("conflictUnsettled", { n: open })}</span>
        <Button variant="quiet" onClick={props.reload}>
          {t("conflictReload")}
        </Button>
        <Button needsHub disabled={deciding.busy} onClick={() => void keep()}>
          {t("conflictKeep")}
        </Button>
        <Button
          variant="primary"
          needsHub
          disabled={open > 0 || places.length === 0}
          busy={save.isPending || deciding.busy}
          onClick={() => void settle()}
        >
          {t("conflictSave")}
        </Button>
      </div>
    </>
  );
}

const SIDES = [
  ["yours", "yours"],
  ["base", "base"],
  ["draft", "draft"],
] as const;

function Place(props: {
  part: ConflictPart;
  number: number;
  total: number;
  choice: Choice | undefined;
  onChoose: (choice: Choice) => void;
}): React.JSX.Element {
  const { part, choice } = props;
  const title = t("conflictPlace", { n: props.number, total: props.total });
  const take = (how: Take): void => {
    const text = how === "own" ? (choice === undefined ? part.yours : chosen(part, choice)) : "";
    props.onChoose({ take: how, text });
  };
  return (
    <section className={css.place} aria-label={title} data-settled={choice !== undefined}>
      <header className={css.placeHead}>
        <h3>{title}</h3>
        <Segmented<Take | "none">
          label={`${t("choose")}: ${title}`}
          value={choice?.take ?? "none"}
          options={[
            { value: "yours", label: t("takeYours") },
            { value: "draft", label: t("takeDraft") },
            { value: "both", label: t("takeBoth") },
            { value: "own", label: t("takeOwn") },
          ]}
          onChange={(value) => value !== "none" && take(value)}
        />
      </header>
      <div className={css.sides}>
        {SIDES.map(([side, label]) => (
          <figure
            key={side}
            className={cx(css.side, side !== "base" && (choice?.take === side || choice?.take === "both") && css.taken)}
            data-side={side}
          >
            <figcaption>{t(label)}</figcaption>
            <pre tabIndex={0} aria-label={t(label)}>
              {part[side] === "" ? <i>{t("nothingThere")}</i> : part[side]}
            </pre>
          </figure>
        ))}
      </div>
      {choice?.take === "own" && (
        <TextArea
          className={css.ownText}
          aria-label={t("result")}
          value={choice.text}
          rows={Math.min(14, Math.max(3, choice.text.split("\n").length))}
          spellCheck={false}
          onChange={(event) => props.onChoose({ take: "own", text: event.target.value })}
        />
      )}
    </section>
  );
}

const CONTEXT = 3;

/** What merges by itself: the lines next to a place, the rest folded. */
function Context({ text, first, last }: { text: string; first: boolean; last: boolean }): React.JSX.Element {
  const lines = text.replace(/\n$/, "").split("\n");
  const head = first ? 0 : CONTEXT;
  const tail = last ? 0 : CONTEXT;
  const hidden = lines.length - head - tail;
  if (hidden <= 2) return <pre className={css.context}>{lines.join("\n")}</pre>;
  return (
    <>
      {head > 0 && <pre className={css.context}>{lines.slice(0, head).join("\n")}</pre>}
      <div className={css.folded}>
        <Fold title={<span className={css.soft}>{t("unchangedLines", { n: hidden })}</span>}>
          <pre className={css.context}>{lines.slice(head, lines.length - tail).join("\n")}</pre>
        </Fold>
      </div>
      {tail > 0 && <pre className={css.context}>{lines.slice(-tail).join("\n")}</pre>}
    </>
  );
}
