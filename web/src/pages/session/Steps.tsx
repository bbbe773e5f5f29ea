// The stream of steps: as long as the log, but only what is looked at is made. It follows the end until somebody
// scrolls up.

import { useVirtualizer } from "@tanstack/react-virtual";
import { ArrowDown } from "lucide-react";
import { useCallback, useEffect, useLayoutEffect, useRef, useState } from "react";
import { useLiveSteps } from "@/hub";
import { session as words } from "@/text/session";
import { speak } from "@/text/speak";
import { Button, Skeleton } from "@/ui";
import css from "./session.module.css";
import { Step } from "./Step";

const t = speak(words);
const ROW = 34;
const NEAR_END = 60;
const AHEAD = 60;

/** `count` makes the same place twice a new wish. */
export interface Jump {
  place: number;
  count: number;
}

export function Steps({ sessionId, jump }: { sessionId: string; jump: Jump | undefined }): React.JSX.Element {
  const steps = useLiveSteps(sessionId);
  const box = useRef<HTMLDivElement>(null);
  const follows = useRef(true);
  const [away, setAway] = useState(false);
  const [opened, setOpened] = useState<ReadonlySet<string>>(new Set());
  const [lit, setLit] = useState<number | undefined>();
  const virtual = useVirtualizer({
    count: steps.placed ? steps.total : 0,
    getScrollElement: () => box.current,
    estimateSize: () => ROW,
    overscan: 12,
    getItemKey: (place) => place,
  });
  const rows = virtual.getVirtualItems();
  const first = rows[0]?.index ?? 0;
  const last = rows[rows.length - 1]?.index ?? 0;

  useEffect(() => {
    if (steps.placed) steps.ensure(first - AHEAD, last + AHEAD);
  }, [steps, first, last]);

  const toEnd = useCallback(() => {
    follows.current = true;
    setAway(false);
    const element = box.current;
    if (element !== null) element.scrollTop = element.scrollHeight;
  }, []);

  const height = virtual.getTotalSize();
  useLayoutEffect(() => {
    if (follows.current && box.current !== null) box.current.scrollTop = box.current.scrollHeight;
  }, [height, steps.version]);

  useEffect(() => {
    if (jump === undefined || !steps.placed) return;
    follows.current = false;
    setAway(true);
    setLit(jump.place);
    virtual.scrollToIndex(jump.place, { align: "center" });
    // Only a new wish moves the stream.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [jump, steps.placed]);

  const scrolled = (): void => {
    const element = box.current;
    if (element === null) return;
    const near = element.scrollHeight - element.scrollTop - element.clientHeight < NEAR_END;
    follows.current = near;
    if (near === away) setAway(!near);
  };
  const toggle = useCallback((id: string, open: boolean) => {
    setOpened((before) => {
      const after = new Set(before);
      if (open) after.add(id);
      else after.delete(id);
      return after;
    });
  }, []);

  return (
    <>
      <div
        ref={box}
        className={css.scroll}
        onScroll={scrolled}
        onWheel={(event) => {
          if (event.deltaY < 0) follows.current = false;
        }}
        // The stream is reached by keys, and read from the top of what is shown.
        tabIndex={0}
        role="feed"
        aria-label={t("steps")}
        aria-busy={!steps.placed}
        data-total={steps.total}
        data-placed={steps.placed}
      >
        {!steps.placed && <Skeleton lines={6} />}
        {steps.placed && steps.total === 0 && <p className={css.quiet}>{t("steps.empty")}</p>}
        <div className={css.rows} style={{ height: `${height}px` }}>
          {rows.map((row) => {
            const step = steps.at(row.index);
            return (
              <div
                key={row.key}
                ref={virtual.measureElement}
                data-index={row.index}
                data-lit={row.index === lit || undefined}
                className={css.row}
                style={{ transform: `translateY(${row.start}px)` }}
              >
                {step === undefined ? (
                  <div className={css.unloaded} aria-label={t("steps.loading", { n: row.index + 1 })} role="img" />
                ) : (
                  <Step
                    step={step}
                    place={row.index}
                    total={steps.total}
                    open={opened.has(step.id)}
                    onToggle={toggle}
                  />
                )}
              </div>
            );
          })}
        </div>
      </div>
      {away && (
        <Button className={css.latest} size="s" icon={<ArrowDown aria-hidden />} onClick={toEnd}>
          {t("steps.latest")}
        </Button>
      )}
    </>
  );
}
