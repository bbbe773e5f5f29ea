// The settings of hub and runner by groups, with the file that changes are written to.

import { useCall } from "@/hub";
import type { SettingInfo } from "@/hub/messages";
import { t } from "@/text/settings";
import { CopyButton, Loaded, Panel, Skeleton } from "@/ui";
import { SettingField } from "./SettingField";
import css from "./settings.module.css";

type Group = SettingInfo["group"];

const AGAIN_MS = 10_000;

export function Layers({ groups, named = true }: { groups: readonly Group[]; named?: boolean }): React.JSX.Element {
  const query = useCall("settings/read", {}, { refetchInterval: AGAIN_MS });
  return (
    <Loaded query={query} skeleton={<Skeleton lines={8} />}>
      {(found) => (
        <div className={css.groups}>
          <Panel title={t("layer.title")}>
            <p className={css.soft}>{t("layer.text")}</p>
            <p className={css.path}>
              <span className={css.soft}>{t("layer.path")}</span> <code>{found.path}</code>
              <CopyButton text={found.path} />
            </p>
            {found.trouble.length > 0 && (
              <div role="alert" aria-label={t("layer.trouble")}>
                <ul className={css.trouble}>
                  {found.trouble.map((one) => (
                    <li key={one}>{one}</li>
                  ))}
                </ul>
              </div>
            )}
          </Panel>
          {groups.map((group) => (
            <Panel key={group} {...(named ? { title: t(`group.${group}`) } : {})}>
              <div className={css.fields}>
                {found.settings
                  .filter((one) => one.group === group)
                  .map((one) => (
                    <SettingField key={one.name} setting={one} />
                  ))}
              </div>
            </Panel>
          ))}
        </div>
      )}
    </Loaded>
  );
}
