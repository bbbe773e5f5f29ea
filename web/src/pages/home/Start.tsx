// The prompt with what goes with it: the folder, how much may be done unasked, the model, the budget.

import { useMemo, useState } from "react";
import { useLocation } from "wouter";
import { place } from "@/app/places";
import { asHubError, callHub, useCall } from "@/hub";
import type { Autonomy } from "@/hub/messages";
import { home } from "@/text/home";
import { prompt } from "@/text/prompt";
import { shared } from "@/text/shared";
import { speak } from "@/text/speak";
import { Field, Select, TextInput, toast, useConfirm } from "@/ui";
import { PromptBox } from "@/ui/prompt/PromptBox";
import css from "./home.module.css";
import type { Workspace } from "./workspaces";

const t = speak(home);
const tPrompt = speak(prompt);
const tWord = speak(shared);
const ANOTHER = "another";
const NANO = 1_000_000_000;
const BUDGETS = [0, 1, 5, 20];
const MODES: readonly Autonomy[] = ["suggest", "ask", "auto"];

export function Start({ workspaces, ready }: { workspaces: readonly Workspace[]; ready: boolean }): React.JSX.Element {
  const [, go] = useLocation();
  const confirm = useConfirm();
  const [chosen, setChosen] = useState<string | undefined>();
  const [path, setPath] = useState("");
  const [wrong, setWrong] = useState<string | undefined>();
  const [autonomy, setAutonomy] = useState<Autonomy>("ask");
  const [model, setModel] = useState("");
  const [budget, setBudget] = useState("0");
  const [busy, setBusy] = useState(false);
  const models = useCall("models/list", { local: false }, { staleTime: 60_000 });
  const workspace = workspaces.find((one) => one.id === chosen) ?? (chosen === undefined ? workspaces[0] : undefined);
  const typing = workspace === undefined;
  const folders = useMemo(
    () => workspace?.folders ?? (path.trim().startsWith("/") ? [path.trim()] : []),
    [workspace, path],
  );
  const names = [...new Set((models.data?.models ?? []).map((one) => one.model))];

  async function start(request: string, allowHome = false): Promise<boolean> {
    if (folders.length === 0) {
      setWrong(path.trim() === "" ? t("workspace.empty") : t("workspace.absolute"));
      return false;
    }
    setBusy(true);
    try {
      const limits = budget === "0" ? {} : { nano_usd: Number(budget) * NANO };
      const params = { folders, request, autonomy, model, limits, allow_home: allowHome };
      const { session_id: id } = await callHub("session/start", params);
      go(place.session(id).path);
      return true;
    } catch (failure) {
      return await refused(asHubError(failure), request);
    } finally {
      setBusy(false);
    }
  }

  async function refused(error: ReturnType<typeof asHubError>, request: string): Promise<boolean> {
    if (error.code === "workspace_is_home") {
      const question = { title: t("home.confirm"), text: t("home.confirm.text"), action: t("home.confirm.action") };
      return (await confirm(question)) && (await start(request, true));
    }
    if (typing && (error.code === "unknown_folder" || error.code.startsWith("workspace_"))) setWrong(error.message);
    else toast({ tone: "bad", title: error.message, text: error.remedy });
    return false;
  }

  return (
    <section className={css.start} aria-label={tPrompt("label.start")}>
      <h1>{tPrompt("label.start")}</h1>
      <PromptBox
        folders={folders}
        label={tPrompt("label.start")}
        placeholder={tPrompt("placeholder.start")}
        action={tPrompt("start")}
        busy={busy}
        send={(request) => start(request)}
      >
        {workspaces.length > 0 && (
          <Select
            bare
            label={t("workspace")}
            value={workspace?.id ?? ANOTHER}
            options={[
              ...workspaces.map((one) => ({ value: one.id, label: one.name })),
              { value: ANOTHER, label: t("workspace.another") },
            ]}
            onChange={setChosen}
          />
        )}
        <Select
          bare
          label={t("autonomy")}
          value={autonomy}
          options={MODES.map((mode) => ({ value: mode, label: tWord(`autonomy.${mode}`) }))}
          onChange={setAutonomy}
        />
        {names.length > 0 && (
          <Select
            bare
            label={t("model")}
            value={model}
            options={[
              { value: "", label: t("model.auto") },
              ...names.map((name) => ({ value: name, label: name.slice(name.indexOf("/") + 1) })),
            ]}
            onChange={setModel}
          />
        )}
        <Select
          bare
          label={t("budget")}
          value={budget}
          options={BUDGETS.map((n) => ({
            value: String(n),
            label: n === 0 ? t("budget.none") : t("budget.dollars", { n }),
          }))}
          onChange={setBudget}
        />
      </PromptBox>
      {typing && ready && (
        <Field className={css.path ?? ""} label={t("workspace.path")} hint={t("workspace.hint")} error={wrong}>
          {(input) => (
            <TextInput
              {...input}
              value={path}
              placeholder="/home/…"
              onChange={(event) => {
                setPath(event.currentTarget.value);
                setWrong(undefined);
              }}
            />
          )}
        </Field>
      )}
    </section>
  );
}
