// Rules on commands of a workspace: listed, added and removed.

import { ShieldCheck, Trash2 } from "lucide-react";
import { useState } from "react";
import { useCall, useCommand, useSessionLines } from "@/hub";
import type { RuleInfo } from "@/hub/messages";
import { t } from "@/text/settings";
import { Badge, Button, Empty, Failure, Field, IconButton, Loaded, Panel, Select, Skeleton, type Tone } from "@/ui";
import { AddRule } from "./AddRule";
import css from "./settings.module.css";

const TONES: Readonly<Record<RuleInfo["effect"], Tone>> = { allow: "good", ask: "warn", deny: "bad" };

export function Rules(): React.JSX.Element {
  const { lines, state, error, more, loadMore, retry } = useSessionLines();
  const [chosen, setChosen] = useState("");
  const workspaces = [...new Map(lines.map((line) => [line.workspace_id, line.folders])).entries()];
  const [first] = workspaces;
  if (state === "loading") return <Skeleton lines={5} />;
  if (state === "failed" && error !== undefined) return <Failure error={error} retry={retry} />;
  if (first === undefined) {
    return <Empty icon={<ShieldCheck aria-hidden />} title={t("rules.none.title")} text={t("rules.none.text")} />;
  }
  const [id, folders] = workspaces.find(([one]) => one === chosen) ?? first;
  return (
    <div className={css.groups}>
      <Panel title={t("rules.title")}>
        <div className={css.stack}>
          <p className={css.soft}>{t("rules.text")}</p>
          <Field label={t("rules.workspace")}>
            {(input) => (
              <Select
                id={input.id}
                value={id}
                onChange={setChosen}
                options={workspaces.map(([value, paths]) => ({ value, label: paths.join(", ") || value }))}
              />
            )}
          </Field>
          {more && (
            <Button size="s" variant="quiet" needsHub onClick={loadMore}>
              {t("rules.more")}
            </Button>
          )}
          <Listed key={id} folders={folders} />
        </div>
      </Panel>
      <AddRule key={`add ${id}`} folders={folders} />
    </div>
  );
}

function Listed({ folders }: { folders: readonly string[] }): React.JSX.Element {
  const query = useCall("rules/list", { folders: [...folders] });
  const remove = useCommand("rules/remove", { refreshes: ["rules/list"] });
  return (
    <Loaded
      query={query}
      skeleton={<Skeleton lines={3} />}
      empty={(found) => found.workspace.length === 0 && <p className={css.soft}>{t("rules.empty")}</p>}
    >
      {(found) => (
        <ul className={css.rules} aria-label={t("rules.title")}>
          {found.workspace.map((rule) => (
            <li key={rule.id}>
              <Badge tone={TONES[rule.effect]}>{t(`effect.${rule.effect}`)}</Badge>
              <code className={css.rule}>{rule.text}</code>
              <IconButton
                label={t("rules.remove", { effect: t(`effect.${rule.effect}`), rule: rule.text })}
                icon={<Trash2 aria-hidden />}
                needsHub
                busy={remove.isPending && remove.variables.rule_id === rule.id}
                onClick={() => remove.mutate({ folders: [...folders], rule_id: rule.id })}
              />
            </li>
          ))}
        </ul>
      )}
    </Loaded>
  );
}
