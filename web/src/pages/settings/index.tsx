// Settings: look, rules on commands, what commands run in, and all else of hub and runner by layers.

import { useLocation, useSearchParams } from "wouter";
import { place } from "@/app/places";
import { usePageTitle } from "@/app/usePageTitle";
import { t } from "@/text/settings";
import { Page, PageHeader, Tabs } from "@/ui";
import { Layers } from "./Layers";
import { Look } from "./Look";
import { Rules } from "./Rules";
import { SandboxNow } from "./SandboxNow";
import css from "./settings.module.css";

const TABS = ["look", "rules", "sandbox", "other"] as const;

export default function SettingsPage(): React.JSX.Element {
  usePageTitle(t("title"));
  const [asked] = useSearchParams();
  const [, go] = useLocation();
  const tab = TABS.find((one) => one === asked.get("part")) ?? "look";
  const items = [
    { id: "look", label: t("tab.look"), content: <Look /> },
    { id: "rules", label: t("tab.rules"), content: <Rules /> },
    {
      id: "sandbox",
      label: t("tab.sandbox"),
      content: (
        <div className={css.groups}>
          <SandboxNow />
          <Layers groups={["sandbox"]} />
        </div>
      ),
    },
    { id: "other", label: t("tab.other"), content: <Layers groups={["work", "models", "limits", "web"]} /> },
  ];
  return (
    <Page name="settings">
      <PageHeader title={t("title")} sub={t("sub")} />
      <Tabs
        label={t("tab.label")}
        items={items.map((item) => ({ ...item, content: <div className={css.part}>{item.content}</div> }))}
        value={tab}
        onChange={(id) => go(`${place.settings().path}?part=${id}`, { replace: true })}
      />
    </Page>
  );
}
