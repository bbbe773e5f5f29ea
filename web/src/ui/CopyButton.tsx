import { Check, Copy } from "lucide-react";
import { useEffect, useState } from "react";
import { tShared } from "@/text/shared";
import { IconButton } from "./Button";

const SAID_MS = 1_500;

export function CopyButton({ text, label }: { text: string; label?: string }): React.JSX.Element {
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const back = window.setTimeout(() => setCopied(false), SAID_MS);
    return () => window.clearTimeout(back);
  }, [copied]);
  const copy = (): void => {
    void navigator.clipboard.writeText(text).then(() => setCopied(true));
  };
  return (
    <IconButton
      label={copied ? tShared("action.copied") : (label ?? tShared("action.copy"))}
      icon={copied ? <Check aria-hidden /> : <Copy aria-hidden />}
      onClick={copy}
    />
  );
}
