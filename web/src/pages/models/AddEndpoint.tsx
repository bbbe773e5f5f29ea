// A new endpoint: looked at before it is added, each field with what is wrong with it.

import { useState } from "react";
import { asHubError, useCommand, type HubError } from "@/hub";
import { t } from "@/text/models";
import { Button, Dialog, Field, TextInput, toast } from "@/ui";
import { namesIn } from "./amounts";
import css from "./models.module.css";

interface Draft {
  name: string;
  address: string;
  models: string;
  key: string;
}

type Wrong = Partial<Record<keyof Draft, string>>;

function wrongWith(draft: Draft, testing: boolean): Wrong {
  const wrong: Wrong = {};
  if (!/^https?:\/\/\S+$/.test(draft.address.trim())) wrong.address = t("endpoint.bad.address");
  if (testing) return wrong;
  if (!/^[\p{L}\p{N}._-]{1,200}$/u.test(draft.name.trim())) wrong.name = t("endpoint.bad.name");
  if (namesIn(draft.models).length === 0) wrong.models = t("endpoint.bad.models");
  return wrong;
}

export function AddEndpoint({ onClose }: { onClose: () => void }): React.JSX.Element {
  const [draft, setDraft] = useState<Draft>({ name: "", address: "", models: "", key: "" });
  const [wrong, setWrong] = useState<Wrong>({});
  const [refused, setRefused] = useState<HubError | undefined>();
  const check = useCommand("models/check", { quiet: true });
  const keep = useCommand("credentials/keep", { quiet: true });
  const add = useCommand("models/endpoint", { quiet: true, refreshes: ["models/settings", "models/list"] });
  const key = draft.key.trim();
  const names = namesIn(draft.models);

  const put = (field: keyof Draft, value: string): void => {
    setDraft((before) => ({ ...before, [field]: value }));
    setWrong(({ [field]: _gone, ...others }) => others);
    setRefused(undefined);
  };
  const ready = (testing: boolean): boolean => {
    const found = wrongWith(draft, testing);
    setWrong(found);
    setRefused(undefined);
    return Object.keys(found).length === 0;
  };
  const test = (): void => {
    if (!ready(true)) return;
    const given = key === "" ? {} : { key };
    check.mutate(
      { name: draft.name.trim(), base_url: draft.address.trim(), models: names, ...given },
      { onError: (error) => setRefused(asHubError(error)) },
    );
  };
  const save = async (): Promise<void> => {
    if (!ready(false)) return;
    const name = draft.name.trim();
    try {
      // The endpoint first: a key is kept under the name of one that is there.
      await add.mutateAsync({ name, base_url: draft.address.trim(), models: names });
      if (key !== "") {
        const kept = await keep.mutateAsync({ name, value: key });
        if (kept.kept_in === "memory") toast({ title: t("endpoint.memory"), text: kept.reason });
      }
      onClose();
    } catch (error) {
      setRefused(asHubError(error));
    }
  };

  const field = (name: keyof Draft, hint: string, type = "text"): React.JSX.Element => (
    <Field label={t(`endpoint.${name}`)} hint={hint} error={wrong[name]}>
      {(input) => (
        <TextInput {...input} type={type} value={draft[name]} onChange={(event) => put(name, event.target.value)} />
      )}
    </Field>
  );
  return (
    <Dialog
      open
      onClose={onClose}
      title={t("endpoint.add")}
      actions={
        <>
          <Button needsHub busy={check.isPending} onClick={test}>
            {t("endpoint.test")}
          </Button>
          <Button variant="primary" needsHub busy={add.isPending || keep.isPending} onClick={() => void save()}>
            {t("endpoint.save")}
          </Button>
        </>
      }
    >
      <form
        className={css.stack}
        onSubmit={(event) => {
          event.preventDefault();
          void save();
        }}
      >
        {field("name", t("endpoint.name.hint"))}
        {field("address", t("endpoint.address.hint"))}
        {field("models", t("endpoint.models.hint"))}
        {field("key", t("endpoint.key.hint"), "password")}
        <button type="submit" hidden />
        <div role="status">
          {refused !== undefined && (
            <p className={css.bad}>
              {refused.message} {refused.remedy}
            </p>
          )}
          {check.data !== undefined && refused === undefined && (
            <Seen found={check.data} taken={names} take={(model) => put("models", [...names, model].join(", "))} />
          )}
        </div>
      </form>
    </Dialog>
  );
}

function Seen(props: {
  found: { trouble: string; problem: string; remedy: string; models: readonly string[] };
  taken: readonly string[];
  take: (model: string) => void;
}): React.JSX.Element {
  const { found } = props;
  if (found.trouble !== "") {
    return (
      <p className={css.bad}>
        {found.problem} {found.remedy}
      </p>
    );
  }
  return (
    <>
      <p className={css.good}>
        {found.models.length === 0 ? t("endpoint.good.none") : t("endpoint.good", { n: found.models.length })}
      </p>
      <ul className={css.served}>
        {found.models.map((model) => (
          <li key={model}>
            <span className={css.name}>{model}</span>
            {props.taken.includes(model) ? (
              <span className={css.faint}>{t("endpoint.taken", { model })}</span>
            ) : (
              <Button size="s" variant="quiet" onClick={() => props.take(model)}>
                {t("endpoint.take")}
              </Button>
            )}
          </li>
        ))}
      </ul>
    </>
  );
}
