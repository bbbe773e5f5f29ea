// What hub, runners, sandboxes and machine use, and how quick they are, as charts over time.

import { Activity } from "lucide-react";
import { useState } from "react";
import { useCall } from "@/hub";
import type { MonitorResult, RunnerLoad } from "@/hub/messages";
import { monitoring, t } from "@/text/monitoring";
import { Empty, Loaded, Segmented, Skeleton, useNow } from "@/ui";
import { relativeTime } from "@/ui/amounts";
import { Chart } from "./Chart";
import { charts, figure, size } from "./figures";
import css from "./monitoring.module.css";

const RANGES = ["5", "15", "60"] as const;
const AGAIN_MS = 5_000;

export function Load(): React.JSX.Element {
  const [range, setRange] = useState<(typeof RANGES)[number]>("15");
  const query = useCall("monitor/read", { minutes: Number(range) }, { refetchInterval: AGAIN_MS, keep: true });
  return (
    <div className={css.load}>
      <Segmented
        label={t("range.label")}
        value={range}
        onChange={setRange}
        options={RANGES.map((value) => ({ value, label: t(`range.${value}`) }))}
      />
      <Loaded
        query={query}
        skeleton={<Skeleton lines={8} />}
        empty={(found) =>
          found.samples.length === 0 && (
            <Empty
              icon={<Activity aria-hidden />}
              title={t("first.title")}
              text={t("first.text", { n: found.interval_ms / 1_000 })}
            />
          )
        }
      >
        {(found) => (
          <>
            <Now found={found} />
            <div className={css.charts}>
              {charts(found.samples, found).map((chart) => (
                <Chart
                  key={chart.name}
                  title={t(`chart.${chart.name}`)}
                  unit={t(`chart.${chart.name}.unit`)}
                  at={found.samples.map((one) => one.at)}
                  lines={chart.lines.map((line) => ({ label: monitoring[line.name], values: line.values }))}
                />
              ))}
            </div>
          </>
        )}
      </Loaded>
    </div>
  );
}

function Now({ found }: { found: MonitorResult }): React.JSX.Element {
  const now = useNow();
  const last = found.samples.at(-1);
  if (last === undefined) return <></>;
  return (
    <ul className={css.tiles}>
      <li>
        <h2>{t("now.hub")}</h2>
        <p>{t("now.cpu", { percent: percent(last.hub_cpu) })}</p>
        <p>{t("now.memory", { size: size(last.hub_memory_bytes) })}</p>
        <p className={css.soft}>{t("now.since", { when: relativeTime(found.started_at, now) })}</p>
      </li>
      {found.runners.length === 0 && (
        <li>
          <p className={css.warn}>{t("now.runner.none")}</p>
        </li>
      )}
      {found.runners.map((runner) => (
        <Runner key={runner.runner_id} runner={runner} />
      ))}
      <li>
        <h2>{t("now.machine")}</h2>
        <p>{t("now.machine.cpu", { percent: percent(last.machine_cpu), n: found.processors })}</p>
        <p>{t("now.machine.memory", { used: size(last.machine_memory_bytes), all: size(found.memory_bytes) })}</p>
      </li>
      <li>
        <h2>{t("now.disk")}</h2>
        <p>{t("now.disk.free", { free: size(last.disk_free_bytes), all: size(found.disk_bytes) })}</p>
      </li>
    </ul>
  );
}

function Runner({ runner }: { runner: RunnerLoad }): React.JSX.Element {
  return (
    <li>
      <h2>{t("now.runner", { pid: String(runner.pid) })}</h2>
      {runner.known ? (
        <>
          <p>{t("now.cpu", { percent: percent(runner.cpu) })}</p>
          <p>{t("now.memory", { size: size(runner.memory_bytes) })}</p>
        </>
      ) : (
        <p className={css.soft}>{t("now.runner.unknown")}</p>
      )}
      <p className={css.soft}>
        {t("now.runner.sessions", { n: runner.sessions, capacity: runner.capacity })},{" "}
        {t("now.runner.commands", { n: runner.commands })}
      </p>
    </li>
  );
}

function percent(thousandths: number): string {
  return `${figure(thousandths / 10)} %`;
}
