// What stands beside the stream: plan, decisions, checkpoints, and what the session uses.

import { useState } from "react";
import type { LiveSession } from "@/hub";
import type { SessionEntity } from "@/hub/messages";
import { session as words } from "@/text/session";
import { speak } from "@/text/speak";
import { Tabs } from "@/ui";
import { About } from "./About";
import { Checkpoints } from "./Checkpoints";
import { Decisions } from "./Decisions";
import { Plan } from "./Plan";
import css from "./session.module.css";

const t = speak(words);

export function Side({ live, session }: { live: LiveSession; session: SessionEntity }): React.JSX.Element {
  const [tab, setTab] = useState("plan");
  return (
    <Tabs
      className={css.tabs ?? ""}
      label={t("side.label")}
      value={tab}
      onChange={setTab}
      items={[
        { id: "plan", label: t("tab.plan"), content: <Plan live={live} session={session} /> },
        { id: "decisions", label: t("tab.decisions"), content: <Decisions decisions={live.decisions} /> },
        {
          id: "checkpoints",
          label: t("tab.checkpoints"),
          content: <Checkpoints checkpoints={live.checkpoints} session={session} />,
        },
        { id: "about", label: t("tab.about"), content: <About live={live} session={session} /> },
      ]}
    />
  );
}
