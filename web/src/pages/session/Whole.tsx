// A text too long for its place: read by pages when it is asked for, and shown in a dialog.

import { useEffect, useState } from "react";
import { asHubError, callHub, type HubError } from "@/hub";
import { session as words } from "@/text/session";
import { tShared } from "@/text/shared";
import { speak } from "@/text/speak";
import { Button, CopyButton, Dialog, Failure, Skeleton } from "@/ui";
import { Ansi } from "@/ui/Ansi";
import { Markdown } from "@/ui/Markdown";
import css from "./session.module.css";

const t = speak(words);

interface WholeProps {
  documentId: string | null;
  length: number;
  title: string;
  markdown?: boolean;
  label?: string;
}

export function Whole(props: WholeProps): React.JSX.Element | null {
  const [open, setOpen] = useState(false);
  if (props.documentId === null) return null;
  return (
    <>
      <Button size="s" variant="quiet" onClick={() => setOpen(true)}>
        {props.label ?? t("step.whole", { n: props.length })}
      </Button>
      <Dialog open={open} onClose={() => setOpen(false)} title={props.title} wide>
        <Document id={props.documentId} markdown={props.markdown === true} />
      </Dialog>
    </>
  );
}

function Document({ id, markdown }: { id: string; markdown: boolean }): React.JSX.Element {
  const [text, setText] = useState<string | undefined>();
  const [next, setNext] = useState<number | null>(0);
  const [wanted, setWanted] = useState(0);
  const [error, setError] = useState<HubError | undefined>();
  useEffect(() => {
    let there = true;
    callHub("document/read", { document_id: id, offset: wanted }).then(
      (page) => {
        if (!there) return;
        setText((before) => (wanted === 0 ? "" : (before ?? "")) + page.text);
        setNext(page.next_offset);
      },
      (failure: unknown) => {
        if (there) setError(asHubError(failure));
      },
    );
    return () => {
      there = false;
    };
  }, [id, wanted]);
  if (error !== undefined) return <Failure error={error} />;
  if (text === undefined) return <Skeleton lines={8} />;
  return (
    <>
      <div className={css.copy}>
        <CopyButton text={text} />
      </div>
      {markdown ? <Markdown text={text} /> : <Ansi text={text} />}
      {next !== null && <Button onClick={() => setWanted(next)}>{tShared("action.more")}</Button>}
    </>
  );
}
