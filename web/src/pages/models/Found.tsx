// Every model that can be used with every key: health, what is left, latency, success and prices.

import { Info } from "lucide-react";
import { useState } from "react";
import type { ModelInfo, ModelSettingsResult } from "@/hub/messages";
import { t } from "@/text/models";
import { wordShared } from "@/text/shared";
import { Badge, Duration, IconButton, Panel, Table, type Column, type Tone } from "@/ui";
import { rate } from "./amounts";
import { Details } from "./Details";
import css from "./models.module.css";

type Health = ModelInfo["health"];

const TONES: Readonly<Record<Health["state"], Tone>> = {
  untried: "neutral",
  closed: "good",
  half_open: "warn",
  open: "bad",
  refused: "bad",
};

export function Found(props: { models: readonly ModelInfo[]; settings: ModelSettingsResult }): React.JSX.Element {
  const [open, setOpen] = useState<string | undefined>();
  const shown = props.models.find((one) => keyOf(one) === open);
  const columns: readonly Column<ModelInfo>[] = [
    {
      id: "model",
      label: t("found.model"),
      sort: (one) => one.model,
      cell: (one) => (
        <span className={css.model}>
          <strong>{one.model}</strong>
          <span className={css.soft}>
            {one.endpoint} {one.local && <Badge>{t("found.local")}</Badge>}
          </span>
        </span>
      ),
    },
    { id: "health", label: t("found.health"), sort: (one) => one.health.state, cell: healthCell },
    { id: "left", label: t("found.left"), cell: leftCell },
    { id: "latency", label: t("found.latency"), align: "end", sort: firstToken, cell: latencyCell },
    { id: "success", label: t("found.success"), cell: successCell },
    {
      id: "price",
      label: t("found.price"),
      align: "end",
      sort: (one) => one.rates.output ?? Number.MAX_SAFE_INTEGER,
      cell: (one) => (
        <span title={t("found.price.hint")} className={css.number}>
          {t("found.price.both", {
            input: rate(one.rates.input) ?? t("found.unknown"),
            output: rate(one.rates.output) ?? t("found.unknown"),
          })}
        </span>
      ),
    },
    {
      id: "details",
      label: t("found.details.short"),
      align: "end",
      cell: (one) => (
        <IconButton
          label={t("found.details", { model: one.model })}
          icon={<Info aria-hidden />}
          onClick={() => setOpen(keyOf(one))}
        />
      ),
    },
  ];
  return (
    <Panel title={t("found.title")} flush>
      <Table columns={columns} rows={props.models} rowKey={keyOf} label={t("found.title")} />
      {shown !== undefined && <Details model={shown} settings={props.settings} onClose={() => setOpen(undefined)} />}
    </Panel>
  );
}

function keyOf(one: ModelInfo): string {
  return `${one.model}@${one.endpoint}@${one.address}`;
}

function healthCell(one: ModelInfo): React.JSX.Element {
  const { state, calls, failed_calls: failed, last_failure: failure } = one.health;
  return (
    <span title={failure || (state === "untried" ? t("health.untried.since") : undefined)}>
      <Badge tone={TONES[state]}>{t(`health.${state}`)}</Badge>{" "}
      {failed > 0 && <span className={css.soft}>{t("health.failed", { n: calls, failed })}</span>}
    </span>
  );
}

function leftCell(one: ModelInfo): React.JSX.Element {
  const left = one.health.allowances;
  if (left.length === 0) return <span className={css.faint}>{t("found.left.none")}</span>;
  return (
    <span className={css.lines}>
      {left.map((window) => (
        <span key={window.unit} className={css.number}>
          {allowance(window)}
        </span>
      ))}
    </span>
  );
}

export function allowance(window: Health["allowances"][number]): string {
  const unit = t(`unit.${window.unit}`);
  return window.limit === null
    ? t("found.left.only", { left: window.left, unit })
    : t("found.left.of", { left: window.left, limit: window.limit, unit });
}

/** Mean over the roles, weighted by the calls that were answered; of a model without any, beyond all. */
function firstToken(one: ModelInfo): number {
  const known = one.record.filter((role) => role.first_token_ms !== null && role.calls > role.failed_calls);
  const calls = known.reduce((sum, role) => sum + role.calls - role.failed_calls, 0);
  if (calls === 0) return Number.MAX_SAFE_INTEGER;
  return known.reduce((sum, role) => sum + (role.first_token_ms ?? 0) * (role.calls - role.failed_calls), 0) / calls;
}

function latencyCell(one: ModelInfo): React.JSX.Element {
  const mean = firstToken(one);
  if (mean === Number.MAX_SAFE_INTEGER) return <span className={css.faint}>{t("found.never")}</span>;
  return <Duration ms={mean} />;
}

function successCell(one: ModelInfo): React.JSX.Element {
  const roles = one.record.filter((role) => role.tasks > 0);
  if (roles.length === 0) return <span className={css.faint}>{t("found.never")}</span>;
  return (
    <span className={css.lines}>
      {roles.map((role) => (
        <span key={role.role}>
          {t("found.success.role", { role: wordShared("role", role.role), good: role.good_tasks, all: role.tasks })}
        </span>
      ))}
    </span>
  );
}
