// A file that does not exist yet is opened empty; it is made when it is saved.

import { useState, type ReactNode } from "react";
import { tShared } from "@/text/shared";
import { Button, Dialog, Field, TextInput } from "@/ui";
import { plausible } from "./tabs";
import { t } from "./words";
import css from "./project.module.css";

export function NewFile({ icon, onMake }: { icon: ReactNode; onMake: (path: string) => void }): React.JSX.Element {
  const [open, setOpen] = useState(false);
  const [path, setPath] = useState("");
  const [wrong, setWrong] = useState(false);
  const close = (): void => {
    setOpen(false);
    setPath("");
    setWrong(false);
  };
  const make = (): void => {
    const wanted = path.trim();
    if (!plausible(wanted)) {
      setWrong(true);
      return;
    }
    close();
    onMake(wanted);
  };
  return (
    <div className={css.newFile}>
      <Button size="s" variant="quiet" icon={icon} onClick={() => setOpen(true)}>
        {t("newFile")}
      </Button>
      <Dialog
        open={open}
        onClose={close}
        title={t("newFile")}
        actions={
          <>
            <Button onClick={close}>{tShared("action.cancel")}</Button>
            <Button variant="primary" onClick={make}>
              {t("newFileMake")}
            </Button>
          </>
        }
      >
        <form
          onSubmit={(event) => {
            event.preventDefault();
            make();
          }}
        >
          <Field label={t("newFilePath")} hint={t("newFileHint")} error={wrong ? t("newFileBad") : undefined}>
            {(input) => <TextInput {...input} value={path} onChange={(event) => setPath(event.target.value)} />}
          </Field>
        </form>
      </Dialog>
    </div>
  );
}
