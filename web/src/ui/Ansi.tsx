// Terminal output with its colours.

import { memo, useMemo } from "react";
import { runsOf } from "./ansi";
import css from "./ansi.module.css";
import { cx } from "./classes";

export const Ansi = memo(function Ansi({ text, label }: { text: string; label?: string }): React.JSX.Element {
  const runs = useMemo(() => runsOf(text), [text]);
  return (
    // A box that scrolls must be reachable by keys.
    <pre className={css.output} tabIndex={0} role="region" aria-label={label}>
      {runs.map((run, place) =>
        run.looks.length === 0 && run.color === undefined && run.background === undefined ? (
          run.text
        ) : (
          <span
            key={place}
            className={cx(...run.looks.map((look) => css[look]))}
            // Colours of their own are bright on one of the two grounds only: mixed with the text's own.
            style={{
              ...(run.color === undefined ? {} : { color: `color-mix(in srgb, ${run.color} 55%, var(--fg))` }),
              ...(run.background === undefined
                ? {}
                : { background: `color-mix(in srgb, ${run.background} 25%, transparent)` }),
            }}
          >
            {run.text}
          </span>
        ),
      )}
    </pre>
  );
});
