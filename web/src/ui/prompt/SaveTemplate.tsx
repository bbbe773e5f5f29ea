// Templates of the user's own: the present prompt under a name, and those there are.

import { Trash2 } from "lucide-react";
import { useState } from "react";
import { prompt as words } from "@/text/prompt";
import { tShared } from "@/text/shared";
import { speak } from "@/text/speak";
import { Button, IconButton } from "../Button";
import { Field, TextInput } from "../Form";
import { Dialog } from "../Overlays";
import { toast } from "../Toasts";
import css from "./prompt.module.css";
import type { Template } from "./words";

const t = speak(words);
const NAME = /^[\w-]{1,40}$/;

export function SaveTemplate(props: {
  open: boolean;
  text: string;
  own: readonly Template[];
  change: (templates: Template[]) => void;
  onClose: () => void;
}): React.JSX.Element {
  const [name, setName] = useState("");
  const wrong = name !== "" && !NAME.test(name);
  const save = (): void => {
    props.change([{ name, text: props.text }, ...props.own.filter((one) => one.name !== name)]);
    toast({ tone: "good", title: t("template.saved", { name }) });
    setName("");
    props.onClose();
  };
  return (
    <Dialog
      open={props.open}
      onClose={props.onClose}
      title={t("template.manage")}
      actions={
        <Button variant="primary" disabled={!NAME.test(name) || props.text.trim() === ""} onClick={save} needsHub>
          {t("template.save")}
        </Button>
      }
    >
      <Field label={t("template.name")} hint={t("template.hint")} error={wrong ? t("template.bad") : undefined}>
        {(input) => <TextInput {...input} value={name} onChange={(event) => setName(event.currentTarget.value)} />}
      </Field>
      <ul className={css.templates}>
        {props.own.length === 0 && <li>{t("template.empty")}</li>}
        {props.own.map((one) => (
          <li key={one.name}>
            <code>/{one.name}</code>
            <span className={css.hint}>{one.text}</span>
            <IconButton
              label={`${tShared("action.delete")}: ${t("template.remove", { name: one.name })}`}
              icon={<Trash2 aria-hidden />}
              onClick={() => props.change(props.own.filter((other) => other.name !== one.name))}
            />
          </li>
        ))}
      </ul>
    </Dialog>
  );
}
