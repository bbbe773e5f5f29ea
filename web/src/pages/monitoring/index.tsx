// Monitoring: load over time, and logs.

import { useSearchParams } from "wouter";
import { usePageTitle } from "@/app/usePageTitle";
import { t } from "@/text/monitoring";
import { Page, PageHeader, Tabs } from "@/ui";
import { Load } from "./Load";
import { Logs } from "./Logs";

export default function MonitoringPage(): React.JSX.Element {
  usePageTitle(t("title"));
  const [asked, ask] = useSearchParams();
  const part = asked.get("part") === "logs" ? "logs" : "load";
  return (
    <Page name="monitoring" width="wide">
      <PageHeader title={t("title")} sub={t("sub")} />
      <Tabs
        label={t("tab.label")}
        value={part}
        onChange={(id) => ask(id === "logs" ? { part: id } : {}, { replace: true })}
        items={[
          { id: "load", label: t("tab.load"), content: <Load /> },
          { id: "logs", label: t("tab.logs"), content: <Logs /> },
        ]}
      />
    </Page>
  );
}
