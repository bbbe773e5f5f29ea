// What the agent says of its proposal, and what is proved of it: folded, for who wants to know before deciding.

import { lazy, Suspense } from "react";
import type { LiveSession } from "@/hub";
import type { SessionEntity } from "@/hub/messages";
import { wordShared } from "@/text/shared";
import { Badge, Fold, Skeleton } from "@/ui";
import { t } from "./words";
import css from "./review.module.css";

const Markdown = lazy(() => import("@/ui/Markdown").then(({ Markdown: default_ }) => ({ default: default_ })));

export function About({ session, gates }: { session: SessionEntity; gates: LiveSession["gates"] }): React.JSX.Element {
  const last = [...new Map(gates.map((gate) => [gate.gate, gate])).values()];
  const passed = last.filter((gate) => gate.verdict === "passed").length;
  const others = last.filter((gate) => gate.verdict !== "passed");
  return (
    <div className={css.about}>
      <Fold
        title={
          <span className={css.aboutHead}>
            {t("summary")}
            {passed > 0 && <Badge tone="good">{t("gatesPassed", { n: passed })}</Badge>}
            {others.map((gate) => (
              <Badge key={gate.gate} tone={gate.verdict === "failed" ? "bad" : "neutral"}>
                {gate.gate}: {wordShared("verdict", gate.verdict)}
              </Badge>
            ))}
            {session.unverified.length > 0 && <Badge tone="warn">{t("unverified")}</Badge>}
          </span>
        }
      >
        <div className={css.aboutBody}>
          {session.summary !== "" && (
            <Suspense fallback={<Skeleton lines={2} />}>
              <Markdown text={session.summary} />
            </Suspense>
          )}
          <Proof title={t("verified")} lines={session.verified} />
          <Proof title={t("unverified")} lines={session.unverified} />
        </div>
      </Fold>
    </div>
  );
}

function Proof({ title, lines }: { title: string; lines: readonly string[] }): React.JSX.Element | null {
  if (lines.length === 0) return null;
  return (
    <div>
      <h3>{title}</h3>
      <ul className={css.proof}>
        {lines.map((line) => (
          <li key={line}>{line}</li>
        ))}
      </ul>
    </div>
  );
}
