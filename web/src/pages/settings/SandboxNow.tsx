// What commands run in at this moment, as the runner found it.

import { useCall } from "@/hub";
import { t } from "@/text/settings";
import { Fold, Loaded, Panel, Skeleton } from "@/ui";
import css from "./settings.module.css";

export function SandboxNow(): React.JSX.Element {
  const query = useCall("sandbox/read", {}, { refetchInterval: 10_000 });
  return (
    <Panel title={t("sandbox.now")}>
      <Loaded query={query} skeleton={<Skeleton lines={2} />}>
        {(found) => (
          <div className={css.stack}>
            <p className={found.usable && found.confines ? undefined : css.warn}>
              {!found.usable
                ? t("sandbox.none")
                : found.confines
                  ? t("sandbox.engine", { engine: [found.engine, found.version].filter(Boolean).join(" ") })
                  : t("sandbox.unconfined")}
            </p>
            {found.reason !== "" && <p className={css.soft}>{found.reason}</p>}
            {found.remedy !== "" && <p className={css.soft}>{found.remedy}</p>}
            {found.limits.length > 0 && (
              <Fold title={t("sandbox.limits")}>
                <ul className={css.list}>
                  {found.limits.map((one) => (
                    <li key={one}>{one}</li>
                  ))}
                </ul>
              </Fold>
            )}
          </div>
        )}
      </Loaded>
    </Panel>
  );
}
