// All that is known of one model with one key, and which version of it is used.

import { useCommand } from "@/hub";
import type { ModelInfo, ModelSettingsResult, RecordInfo } from "@/hub/messages";
import { t } from "@/text/models";
import { wordShared } from "@/text/shared";
import { Button, Count, Dialog, Money, Table, type Column } from "@/ui";
import { rate } from "./amounts";
import { allowance } from "./Found";
import css from "./models.module.css";

const RATES = ["input", "output", "cached", "cache_write", "reasoning"] as const;

export function Details(props: {
  model: ModelInfo;
  settings: ModelSettingsResult;
  onClose: () => void;
}): React.JSX.Element {
  const { model, settings } = props;
  const unknown = t("found.unknown");
  const known = RATES.filter((kind) => model.rates[kind] !== null);
  const can = model.abilities.filter((one) => one.has).map((one) => t(`ability.${one.name}`));
  const rows: readonly (readonly [string, React.ReactNode])[] = [
    [t("detail.endpoint"), model.endpoint],
    [t("detail.origin"), model.origin || unknown],
    [t("detail.address"), model.address || undefined],
    [t("detail.sent"), model.sent_as],
    [t("detail.context"), tokens(model.context_window) ?? unknown],
    [t("detail.output"), tokens(model.output_limit) ?? unknown],
    [
      t("detail.rates"),
      known
        .map((kind) => t("detail.rate", { kind: t(`rate.${kind}`), amount: rate(model.rates[kind]) ?? "" }))
        .join(", ") || unknown,
    ],
    [t("detail.abilities"), can.join(", ") || unknown],
    [
      t("detail.allowance"),
      model.health.allowances
        .map((one) =>
          t("detail.allowance.resets", { left: allowance(one), seconds: Math.ceil(one.resets_in_ms / 1_000) }),
        )
        .join("; ") || undefined,
    ],
    [t("detail.failure"), model.health.last_failure || undefined],
  ];
  return (
    <Dialog open onClose={props.onClose} title={model.model} wide>
      <dl className={css.facts}>
        {rows
          .filter(([, value]) => value !== undefined)
          .map(([name, value]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ))}
      </dl>
      <p className={css.hint}>{t(`facts.${model.facts_from}`)}</p>
      <Version model={model} settings={settings} />
      <h3 className={css.sub}>{t("record.title")}</h3>
      {model.record.length === 0 ? (
        <p className={css.soft}>{t("record.none")}</p>
      ) : (
        <Table columns={COLUMNS} rows={model.record} rowKey={(one) => one.role} label={t("record.title")} />
      )}
    </Dialog>
  );
}

function Version({ model, settings }: { model: ModelInfo; settings: ModelSettingsResult }): React.JSX.Element | null {
  const changed = { refreshes: ["models/settings", "models/list"] } as const;
  const pin = useCommand("models/pin", changed);
  const unpin = useCommand("models/unpin", changed);
  const pinned = settings.pins.find((one) => one.model === model.model)?.pinned;
  if (model.newer.length === 0 && pinned === undefined) return null;
  return (
    <div className={css.row}>
      {pinned !== undefined && (
        <>
          <span>{t("pin.now", { version: pinned })}</span>
          <Button size="s" needsHub busy={unpin.isPending} onClick={() => unpin.mutate({ model: model.model })}>
            {t("pin.back")}
          </Button>
        </>
      )}
      {model.newer.length > 0 && <span className={css.soft}>{t("pin.newer")}</span>}
      {model.newer.map((version) => (
        <Button
          key={version}
          size="s"
          needsHub
          busy={pin.isPending}
          onClick={() => pin.mutate({ model: model.model, pinned: version })}
        >
          {t("pin.take", { version })}
        </Button>
      ))}
    </div>
  );
}

const COLUMNS: readonly Column<RecordInfo>[] = [
  { id: "role", label: t("record.role"), cell: (one) => wordShared("role", one.role) },
  { id: "calls", label: t("record.calls"), align: "end", cell: (one) => <Count n={one.calls} /> },
  {
    id: "tasks",
    label: t("record.tasks"),
    align: "end",
    cell: (one) => share(one.good_tasks, one.tasks),
  },
  { id: "gates", label: t("record.gates"), align: "end", cell: (one) => share(one.passed_gates, one.gates) },
  {
    id: "speed",
    label: t("record.speed"),
    align: "end",
    cell: (one) => (one.tokens_a_minute === null ? t("found.unknown") : <Count n={one.tokens_a_minute} />),
  },
  {
    id: "cost",
    label: t("record.cost"),
    align: "end",
    cell: (one) => (
      <span>
        {one.unpriced_calls < one.calls && <Money nano={one.cost_nano_usd} />}{" "}
        {one.unpriced_calls > 0 && t("record.unpriced", { n: one.unpriced_calls })}
      </span>
    ),
  },
];

function share(good: number, all: number): string {
  return all === 0 ? t("record.nothing") : t("record.of", { good, all });
}

function tokens(count: number | null): string | undefined {
  return count === null ? undefined : t("detail.tokens", { n: count });
}
