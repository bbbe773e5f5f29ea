// The user's own endpoints.

import { Plus, Trash2 } from "lucide-react";
import { useState } from "react";
import { useCommand } from "@/hub";
import type { EndpointInfo, ModelSettingsResult } from "@/hub/messages";
import { t } from "@/text/models";
import { Badge, Button, IconButton, Panel, useConfirm } from "@/ui";
import { AddEndpoint } from "./AddEndpoint";
import css from "./models.module.css";

export function Endpoints({ settings }: { settings: ModelSettingsResult }): React.JSX.Element {
  const [adding, setAdding] = useState(false);
  const forget = useCommand("models/forget", { refreshes: ["models/settings", "models/list"] });
  const confirm = useConfirm();
  const remove = async ({ name }: EndpointInfo): Promise<void> => {
    const sure = await confirm({
      title: t("endpoint.remove.title", { name }),
      text: t("endpoint.remove.text"),
      action: t("endpoint.remove.action"),
      danger: true,
    });
    if (sure) forget.mutate({ name });
  };
  return (
    <Panel
      title={t("endpoint.title")}
      actions={
        <Button size="s" icon={<Plus aria-hidden />} onClick={() => setAdding(true)}>
          {t("endpoint.add")}
        </Button>
      }
    >
      {settings.endpoints.length === 0 ? (
        <p className={css.soft}>{t("endpoint.none")}</p>
      ) : (
        <ul className={css.endpoints}>
          {settings.endpoints.map((one) => (
            <li key={one.name} className={css.endpoint}>
              <span className={css.model}>
                <strong>{one.name}</strong>
                <span className={css.soft}>{one.base_url}</span>
              </span>
              <span className={css.soft} title={(one.models ?? []).join(", ")}>
                {t("endpoint.count", { n: (one.models ?? []).length })}
              </span>
              {settings.keys.includes(one.name) && <Badge>{t("endpoint.key.kept")}</Badge>}
              <IconButton
                label={t("endpoint.remove", { name: one.name })}
                icon={<Trash2 aria-hidden />}
                needsHub
                busy={forget.isPending && forget.variables.name === one.name}
                onClick={() => void remove(one)}
              />
            </li>
          ))}
        </ul>
      )}
      {adding && <AddEndpoint onClose={() => setAdding(false)} />}
    </Panel>
  );
}
