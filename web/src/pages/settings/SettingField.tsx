// One setting: what is in force and from where, changed in the user's file, refused at the field.

import { useEffect, useState } from "react";
import { asHubError, useCommand } from "@/hub";
import type { SettingInfo } from "@/hub/messages";
import { settings, t } from "@/text/settings";
import { speakWord } from "@/text/speak";
import { Badge, Button, Field, Select, Switch, TextInput, toast, useConfirm, type FieldInput } from "@/ui";
import css from "./settings.module.css";

const word = speakWord(settings);

export function SettingField({ setting }: { setting: SettingInfo }): React.JSX.Element {
  const name = word("name", setting.name);
  const help = `help.${setting.name}`;
  const [text, setText] = useState(setting.in_file);
  const [wrong, setWrong] = useState("");
  const write = useCommand("settings/write", { quiet: true, refreshes: ["settings/read", "sandbox/read"] });
  const confirm = useConfirm();
  const fixed = setting.origin === "environment";

  // What another client wrote is shown, unless something is being typed here.
  useEffect(() => setText(setting.in_file), [setting.in_file]);

  const save = async (value: string): Promise<void> => {
    if (setting.name === "sandbox" && value === "unconfined" && !(await sure(confirm))) return;
    write.mutate(
      { name: setting.name, value },
      {
        onSuccess: (after) => {
          setWrong("");
          const waits = after.settings.some((one) => one.name === setting.name && one.waits);
          toast({ tone: "good", title: t(waits ? "saved.waits" : "saved") });
        },
        onError: (error) => setWrong(asHubError(error).message),
      },
    );
  };

  return (
    <Field
      className={css.setting ?? ""}
      label={
        <span className={css.head}>
          {name}
          <Badge tone={setting.origin === "usual" ? "neutral" : "accent"}>{t(`origin.${setting.origin}`)}</Badge>
        </span>
      }
      hint={
        <>
          {help in settings && <>{word("help", setting.name)} </>}
          {usual(setting)} {t(`counts.${setting.counts}`)}
          <code className={css.variable}>{setting.variable}</code>
          {fixed && <span className={css.note}>{environmentNote(setting)}</span>}
          {setting.waits && (
            <span className={css.note}>{t("field.waits", { value: setting.value || t("field.nothing") })}</span>
          )}
        </>
      }
      error={wrong || setting.problem}
    >
      {(input) => (
        <Control
          input={input}
          setting={setting}
          text={text}
          busy={write.isPending}
          fixed={fixed}
          name={name}
          onText={(value) => {
            setText(value);
            setWrong("");
          }}
          onSave={(value) => void save(value)}
        />
      )}
    </Field>
  );
}

interface ControlProps {
  input: FieldInput;
  setting: SettingInfo;
  text: string;
  busy: boolean;
  fixed: boolean;
  name: string;
  onText: (value: string) => void;
  onSave: (value: string) => void;
}

function Control(props: ControlProps): React.JSX.Element {
  const { setting, input, busy, fixed, onSave } = props;
  switch (setting.control) {
    case "choice":
      return (
        <Select
          id={input.id}
          value={fixed ? setting.value : setting.in_file || setting.usual}
          disabled={busy || fixed}
          options={setting.choices.map((value) => ({ value, label: value }))}
          onChange={(value) => onSave(value === setting.usual ? "" : value)}
        />
      );
    case "switch":
      return (
        <Switch
          label={t("field.on")}
          checked={(fixed ? setting.value : setting.in_file) === "1"}
          disabled={busy || fixed}
          onChange={(on) => onSave(on ? "1" : "")}
        />
      );
    case "number":
    case "text":
      return <Typed {...props} />;
  }
}

function Typed(props: ControlProps): React.JSX.Element {
  const { setting, input, text, busy, fixed, name } = props;
  const changed = text.trim() !== setting.in_file;
  return (
    <form
      className={css.typed}
      onSubmit={(event) => {
        event.preventDefault();
        if (changed) props.onSave(text.trim());
      }}
    >
      <TextInput
        {...input}
        value={fixed ? setting.value : text}
        readOnly={fixed}
        placeholder={setting.usual}
        inputMode={setting.control === "number" ? "numeric" : "text"}
        onChange={(event) => props.onText(event.target.value)}
      />
      {changed && !fixed && (
        <Button type="submit" variant="primary" needsHub busy={busy} aria-label={t("field.save.label", { name })}>
          {t("field.save")}
        </Button>
      )}
      {!changed && setting.in_file !== "" && (
        <Button needsHub busy={busy} aria-label={t("field.reset.label", { name })} onClick={() => props.onSave("")}>
          {t("field.reset")}
        </Button>
      )}
    </form>
  );
}

function usual(setting: SettingInfo): string {
  const value = setting.usual_words || setting.usual;
  return value === "" ? "" : `${t("field.usual", { value })}.`;
}

function environmentNote(setting: SettingInfo): string {
  const variable = setting.variable;
  return setting.in_file === ""
    ? t("field.environment.alone", { variable })
    : t("field.environment", { variable, value: setting.in_file });
}

function sure(confirm: ReturnType<typeof useConfirm>): Promise<boolean> {
  return confirm({
    title: t("unconfined.title"),
    text: t("unconfined.text"),
    action: t("unconfined.action"),
    danger: true,
  });
}
