// Theme and density, kept by the hub for every browser of the user.

import { usePreference } from "@/hub";
import { t } from "@/text/settings";
import { Panel, Segmented } from "@/ui";
import css from "./settings.module.css";

const THEMES = ["system", "light", "dark"] as const;
const DENSITIES = ["compact", "cosy"] as const;

export function Look(): React.JSX.Element {
  const [theme, setTheme] = usePreference("theme");
  const [density, setDensity] = usePreference("density");
  return (
    <Panel>
      <div className={css.stack}>
        <Line label={t("theme.title")}>
          <Segmented
            label={t("theme.title")}
            value={theme}
            onChange={setTheme}
            options={THEMES.map((value) => ({ value, label: t(`theme.${value}`) }))}
          />
        </Line>
        <Line label={t("density.title")}>
          <Segmented
            label={t("density.title")}
            value={density}
            onChange={setDensity}
            options={DENSITIES.map((value) => ({ value, label: t(`density.${value}`) }))}
          />
        </Line>
        <p className={css.hint}>{t("look.where")}</p>
      </div>
    </Panel>
  );
}

function Line({ label, children }: { label: string; children: React.ReactNode }): React.JSX.Element {
  return (
    <div className={css.choice}>
      <span className={css.label}>{label}</span>
      {children}
    </div>
  );
}
