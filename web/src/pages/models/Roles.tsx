// Which model each role gets now, in which order others follow, and what counts without an order.

import { useState } from "react";
import { useCommand } from "@/hub";
import type { ModelSettingsResult, ModelsResult } from "@/hub/messages";
import { t } from "@/text/models";
import { wordShared } from "@/text/shared";
import { Field, Panel, Segmented, Select } from "@/ui";
import { OrderList } from "./OrderList";
import css from "./models.module.css";

const ROLES = ["plan", "code", "critique", "quick"] as const;
const PREFERENCES = ["best", "balanced", "cheap", "local"] as const;
type Role = (typeof ROLES)[number];

const CHANGED = { refreshes: ["models/settings", "models/list"] } as const;

export function Roles(props: { listed: ModelsResult; settings: ModelSettingsResult }): React.JSX.Element {
  const { listed, settings } = props;
  const [role, setRole] = useState<Role>("code");
  const order = useCommand("models/order", CHANGED);
  const prefer = useCommand("models/prefer", CHANGED);
  const held = settings.order.find((one) => one.role === role)?.models ?? [];
  // What is on its way is shown at once; a refusal brings back what holds.
  const models = order.isPending && order.variables.role === role ? order.variables.models : held;
  const names = [...new Set(listed.models.map((one) => one.model))];
  const free = names.filter((name) => !models.includes(name));
  const choice = listed.choices.find((one) => one.role === role);
  const set = (after: readonly string[]): void => order.mutate({ role, models: [...after] });

  return (
    <Panel title={t("roles.title")}>
      <div className={css.stack}>
        <Segmented
          label={t("roles.choose")}
          value={role}
          onChange={setRole}
          options={ROLES.map((value) => ({ value, label: wordShared("role", value) }))}
        />
        {choice !== undefined && (
          <p className={css.choice}>
            <span className={css.soft}>{choice.model === "" ? t("roles.nobody") : t("roles.now")}</span>{" "}
            {choice.model !== "" && <strong>{choice.model}</strong>}
            <span className={css.reason}>{choice.reason}</span>
          </p>
        )}
        {models.length === 0 ? (
          <p className={css.soft}>{t("roles.auto")}</p>
        ) : (
          <>
            <OrderList
              models={models}
              known={new Set(names)}
              label={t("roles.order", { role: wordShared("role", role) })}
              onChange={set}
            />
            <p className={css.hint}>{t("roles.hint")}</p>
          </>
        )}
        {free.length > 0 && (
          <Field label={t("roles.add")}>
            {(input) => (
              <Select
                {...input}
                key={models.join()}
                value=""
                placeholder={t("roles.add.pick")}
                options={free.map((value) => ({ value, label: value }))}
                onChange={(model) => set([...models, model])}
              />
            )}
          </Field>
        )}
        <div className={css.prefer}>
          <span className={css.soft}>{t("prefer.label")}</span>
          <Segmented
            label={t("prefer.label")}
            value={prefer.isPending ? prefer.variables.preference : settings.preference}
            onChange={(preference) => prefer.mutate({ preference })}
            options={PREFERENCES.map((value) => ({ value, label: t(`prefer.${value}`) }))}
          />
        </div>
      </div>
    </Panel>
  );
}
