// Code as it is at once, and in colour as soon as its language is loaded.

import { memo, useEffect, useState } from "react";
import type { Piece } from "./highlight";
import css from "./code.module.css";

export interface CodeProps {
  text: string;
  /** Of the file that it is from; or `language`. */
  path?: string;
  language?: string;
  /** Only the coloured text, for inside a block. */
  bare?: boolean;
  label?: string;
}

export const Code = memo(function Code({ text, path, language, bare, label }: CodeProps): React.JSX.Element {
  const [made, setMade] = useState<{ of: string; pieces: Piece[] } | undefined>();
  const name = language ?? path ?? "";
  useEffect(() => {
    let wanted = true;
    void import("./highlight")
      .then(({ highlight }) => highlight(text, name))
      .then((pieces) => {
        if (wanted && pieces !== undefined) setMade({ of: text, pieces });
      });
    return () => {
      wanted = false;
    };
  }, [text, name]);
  const content =
    made?.of === text
      ? made.pieces.map((piece, place) =>
          piece.classes === "" ? (
            piece.text
          ) : (
            <span key={place} className={piece.classes}>
              {piece.text}
            </span>
          ),
        )
      : text;
  if (bare === true) return <code>{content}</code>;
  return (
    <pre className={css.block} tabIndex={0} role="region" aria-label={label ?? path}>
      <code>{content}</code>
    </pre>
  );
});
