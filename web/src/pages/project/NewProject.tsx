// A new project: a template, a folder of the user's, and the first session in it.

import { FolderPlus } from "lucide-react";
import { useState } from "react";
import { useLocation } from "wouter";
import { place } from "@/app/places";
import { usePageTitle } from "@/app/usePageTitle";
import { asHubError, useCall, useCommand, type HubError } from "@/hub";
import type { StartParams, TemplateLine } from "@/hub/messages";
import { wordShared } from "@/text/shared";
import { Button, cx, Field, Fold, Loaded, Page, PageHeader, Select, Skeleton, TextArea, TextInput } from "@/ui";
import { t } from "./words";
import css from "./project.module.css";

type Autonomy = NonNullable<StartParams["autonomy"]>;

const AUTONOMY: readonly Autonomy[] = ["suggest", "ask", "auto"];

export function NewProject(): React.JSX.Element {
  usePageTitle(t("newTitle"));
  const found = useCall("project/templates", {}, { staleTime: Infinity });
  return (
    <Page name="project" ready={found.data !== undefined || found.error !== null}>
      <PageHeader title={t("newTitle")} sub={t("newSub")} />
      <Loaded of={found} skeleton={<Skeleton lines={8} />}>
        {({ templates }) => <Form templates={templates} />}
      </Loaded>
    </Page>
  );
}

interface Wrong {
  folder?: string;
  name?: string;
  request?: string;
  other?: string;
}

function Form({ templates }: { templates: readonly TemplateLine[] }): React.JSX.Element {
  const [chosen, setChosen] = useState(templates[0]?.template ?? "");
  const [folder, setFolder] = useState("");
  const [name, setName] = useState("");
  const [request, setRequest] = useState<string | undefined>();
  const [autonomy, setAutonomy] = useState<Autonomy>("ask");
  const [made, setMade] = useState<{ asked: string; folder: string } | undefined>();
  const [wrong, setWrong] = useState<Wrong>({});
  const [, navigate] = useLocation();
  const create = useCommand("project/create", { quiet: true });
  const start = useCommand("session/start", { quiet: true });
  const template = templates.find((one) => one.template === chosen);
  const words = request ?? template?.request ?? "";

  const begin = async (): Promise<void> => {
    const missing: Wrong = {
      ...(folder.trim() === "" ? { folder: t("needFolder") } : {}),
      ...(words.trim() === "" ? { request: t("needRequest") } : {}),
    };
    setWrong(missing);
    if (Object.keys(missing).length > 0) return;
    const asked = { template: chosen, folder: folder.trim(), name: name.trim() };
    const key = JSON.stringify(asked);
    let where: string;
    try {
      // What was made stays made: when only the session failed, it is only started again.
      where = made?.asked === key ? made.folder : (await create.mutateAsync(asked)).folder;
      setMade({ asked: key, folder: where });
    } catch (failure) {
      setWrong(wrongOf(asHubError(failure)));
      return;
    }
    try {
      const { session_id } = await start.mutateAsync({ folders: [where], request: words, autonomy });
      navigate(place.session(session_id).path);
    } catch (failure) {
      setWrong({ other: t("madeNotStarted", { folder: where, reason: asHubError(failure).message }) });
    }
  };

  return (
    <form
      className={css.newForm}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void begin();
      }}
    >
      <fieldset className={css.templates}>
        <legend>{t("template")}</legend>
        {templates.map((one) => (
          <label key={one.template} className={cx(css.template, one.template === chosen && css.chosen)}>
            <input
              type="radio"
              name="template"
              value={one.template}
              checked={one.template === chosen}
              onChange={() => setChosen(one.template)}
            />
            <strong>{one.title}</strong>
            <span className={css.soft}>{one.summary}</span>
          </label>
        ))}
      </fieldset>
      {template !== undefined && (
        <Fold title={t("filesMade", { n: template.files.length })}>
          <ul className={css.madeFiles}>
            {template.files.map((file) => (
              <li key={file}>
                <code>{file}</code>
              </li>
            ))}
          </ul>
        </Fold>
      )}
      <Field label={t("folder")} hint={t("folderHint")} error={wrong.folder}>
        {(input) => (
          <TextInput
            {...input}
            required
            placeholder={t("folderPlaceholder")}
            value={folder}
            onChange={(event) => setFolder(event.target.value)}
          />
        )}
      </Field>
      <Field label={t("name")} hint={t("nameHint")} error={wrong.name}>
        {(input) => <TextInput {...input} value={name} onChange={(event) => setName(event.target.value)} />}
      </Field>
      <Field label={t("request")} hint={t("requestHint")} error={wrong.request}>
        {(input) => <TextArea {...input} rows={4} value={words} onChange={(event) => setRequest(event.target.value)} />}
      </Field>
      <Field label={t("autonomy")}>
        {(input) => (
          <Select
            id={input.id}
            value={autonomy}
            options={AUTONOMY.map((one) => ({ value: one, label: wordShared("autonomy", one) }))}
            onChange={setAutonomy}
          />
        )}
      </Field>
      {wrong.other !== undefined && (
        <p className={css.bad} role="alert">
          {wrong.other}
        </p>
      )}
      <div>
        <Button
          type="submit"
          variant="primary"
          needsHub
          busy={create.isPending || start.isPending}
          icon={<FolderPlus aria-hidden />}
        >
          {t("create")}
        </Button>
      </div>
    </form>
  );
}

/** At the field that has to change. */
function wrongOf(error: HubError): Wrong {
  const said = `${error.message} ${error.remedy}`.trim();
  if (error.code === "bad_project_name") return { name: said };
  if (error.code.includes("folder") || error.code.startsWith("workspace_")) return { folder: said };
  return { other: said };
}
