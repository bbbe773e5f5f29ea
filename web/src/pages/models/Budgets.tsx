// What all sessions together may spend, and what they have spent.

import { useState } from "react";
import { useCall, useCommand } from "@/hub";
import type { SpentLine } from "@/hub/messages";
import { t } from "@/text/models";
import { tShared } from "@/text/shared";
import { Button, Dialog, Field, Loaded, NumberInput, Panel, Progress, Skeleton } from "@/ui";
import { money } from "@/ui/amounts";
import { dollarsOf, nanoOf } from "./amounts";
import css from "./models.module.css";

const NEARLY = 0.8;

export function Budgets(): React.JSX.Element {
  const spent = useCall("spending/read", {}, { refetchInterval: 10_000 });
  const [open, setOpen] = useState<SpentLine | undefined>();
  return (
    <Panel title={t("budget.title")}>
      <p className={css.hint}>{t("budget.hint")}</p>
      <Loaded query={spent} skeleton={<Skeleton lines={3} />}>
        {({ lines }) => (
          <ul className={css.budgets}>
            {lines.map((line) => (
              <Budget key={`${line.scope} ${line.label}`} line={line} onOpen={() => setOpen(line)} />
            ))}
          </ul>
        )}
      </Loaded>
      {open !== undefined && <LimitDialog line={open} onClose={() => setOpen(undefined)} />}
    </Panel>
  );
}

function nameOf(line: SpentLine): string {
  return line.scope === "key" ? t("budget.key", { label: line.label }) : t(`budget.${line.scope}`);
}

function Budget({ line, onOpen }: { line: SpentLine; onOpen: () => void }): React.JSX.Element {
  const name = nameOf(line);
  const limit = line.limit_nano_usd;
  const share = limit === null ? 0 : limit === 0 ? 1 : line.spent_nano_usd / limit;
  const spent = money(line.spent_nano_usd);
  return (
    <li className={css.budget}>
      <span className={css.name}>{name}</span>
      <span className={css.number}>
        {limit === null ? t("budget.spent", { spent }) : t("budget.of", { spent, limit: money(limit) })}
      </span>
      <Button size="s" variant="quiet" aria-label={t("budget.set", { name })} needsHub onClick={onOpen}>
        {t("budget.set.short")}
      </Button>
      {limit !== null && (
        <Progress
          value={share}
          label={t("budget.share", { name })}
          tone={share >= 1 ? "bad" : share >= NEARLY ? "warn" : "accent"}
        />
      )}
    </li>
  );
}

function LimitDialog({ line, onClose }: { line: SpentLine; onClose: () => void }): React.JSX.Element {
  const limit = useCommand("models/limit", { refreshes: ["spending/read", "models/settings", "models/list"] });
  const [text, setText] = useState(line.limit_nano_usd === null ? "" : dollarsOf(line.limit_nano_usd));
  const [wrong, setWrong] = useState(false);
  const set = (nano: number | null): void =>
    limit.mutate({ scope: line.scope, label: line.label, limit_nano_usd: nano }, { onSuccess: onClose });
  const submit = (): void => {
    const nano = nanoOf(text);
    setWrong(nano === undefined);
    if (nano !== undefined) set(nano);
  };
  return (
    <Dialog
      open
      onClose={onClose}
      title={t("budget.set", { name: nameOf(line) })}
      actions={
        <>
          {line.limit_nano_usd !== null && (
            <Button needsHub busy={limit.isPending} onClick={() => set(null)}>
              {t("budget.off")}
            </Button>
          )}
          <Button variant="primary" needsHub busy={limit.isPending} onClick={submit}>
            {tShared("action.save")}
          </Button>
        </>
      }
    >
      <form
        onSubmit={(event) => {
          event.preventDefault();
          submit();
        }}
      >
        <Field label={t("budget.field")} error={wrong ? t("budget.bad") : undefined}>
          {(input) => (
            <NumberInput
              {...input}
              value={text}
              onChange={(event) => {
                setText(event.target.value);
                setWrong(false);
              }}
            />
          )}
        </Field>
      </form>
    </Dialog>
  );
}
