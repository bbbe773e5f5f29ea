// A new rule on commands of a workspace, refused at the field.

import { useState } from "react";
import { asHubError, useCommand } from "@/hub";
import type { RuleInfo } from "@/hub/messages";
import { t } from "@/text/settings";
import { Button, Field, Panel, Segmented, TextArea, TextInput } from "@/ui";
import css from "./settings.module.css";

const EFFECTS = ["allow", "ask", "deny"] as const;
const NOTHING = { program: "", words: "", paths: "", network: "" };

export function AddRule({ folders }: { folders: readonly string[] }): React.JSX.Element {
  const [effect, setEffect] = useState<RuleInfo["effect"]>("allow");
  const [draft, setDraft] = useState(NOTHING);
  const [wrong, setWrong] = useState("");
  const add = useCommand("rules/add", { quiet: true, refreshes: ["rules/list"] });

  const put = (field: keyof typeof NOTHING, value: string): void => {
    setDraft({ ...draft, [field]: value });
    setWrong("");
  };
  const submit = (): void => {
    const program = draft.program.trim();
    if (program === "") {
      setWrong(t("rules.bad.program"));
      return;
    }
    add.mutate(
      {
        scope: "workspace",
        folders: [...folders],
        effect,
        program,
        words: draft.words.split(/\s+/).filter(Boolean),
        paths: parts(draft.paths),
        network: effect === "allow" ? parts(draft.network) : [],
      },
      { onSuccess: () => setDraft(NOTHING), onError: (error) => setWrong(asHubError(error).message) },
    );
  };

  return (
    <Panel title={t("rules.add")}>
      <form
        className={css.stack}
        onSubmit={(event) => {
          event.preventDefault();
          submit();
        }}
      >
        <Segmented
          label={t("rules.effect")}
          value={effect}
          onChange={setEffect}
          options={EFFECTS.map((value) => ({ value, label: t(`effect.${value}`) }))}
        />
        <div className={css.pair}>
          <Field label={t("rules.program")} hint={t("rules.program.hint")} error={wrong}>
            {(input) => (
              <TextInput {...input} value={draft.program} onChange={(event) => put("program", event.target.value)} />
            )}
          </Field>
          <Field label={t("rules.words")} hint={t("rules.words.hint")}>
            {(input) => (
              <TextInput {...input} value={draft.words} onChange={(event) => put("words", event.target.value)} />
            )}
          </Field>
          <Field label={t("rules.paths")} hint={t("rules.paths.hint")}>
            {(input) => (
              <TextArea
                {...input}
                rows={2}
                value={draft.paths}
                onChange={(event) => put("paths", event.target.value)}
              />
            )}
          </Field>
          {effect === "allow" && (
            <Field label={t("rules.network")} hint={t("rules.network.hint")}>
              {(input) => (
                <TextArea
                  {...input}
                  rows={2}
                  value={draft.network}
                  onChange={(event) => put("network", event.target.value)}
                />
              )}
            </Field>
          )}
        </div>
        <div>
          <Button type="submit" variant="primary" needsHub busy={add.isPending}>
            {t("rules.add")}
          </Button>
        </div>
      </form>
    </Panel>
  );
}

function parts(text: string): string[] {
  return text
    .split(/[\n,]+/)
    .map((one) => one.trim())
    .filter((one) => one !== "");
}
