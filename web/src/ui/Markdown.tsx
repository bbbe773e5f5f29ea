// Markdown, loaded when first needed; until then, and for very long texts, the text as it is.

import { lazy, memo, Suspense } from "react";
import css from "./markdown.module.css";

const Text = lazy(() => import("./MarkdownText"));
const MOST = 100_000;

export const Markdown = memo(function Markdown({ text }: { text: string }): React.JSX.Element {
  const plain = <p>{text}</p>;
  return (
    <div className={css.markdown}>
      {text.length > MOST ? (
        plain
      ) : (
        <Suspense fallback={plain}>
          <Text text={text} />
        </Suspense>
      )}
    </div>
  );
});
