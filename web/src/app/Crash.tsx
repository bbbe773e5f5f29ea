// A fault of one page stays in it.

import { Bug } from "lucide-react";
import { Component, type ReactNode } from "react";
import { shell } from "@/text/shell";
import { speak } from "@/text/speak";
import { Button, Empty } from "@/ui";

const t = speak(shell);

export class Crash extends Component<{ name: string; children: ReactNode }, { fault: Error | undefined }> {
  override state: { fault: Error | undefined } = { fault: undefined };

  static getDerivedStateFromError(fault: unknown): { fault: Error } {
    return { fault: fault instanceof Error ? fault : new Error(String(fault)) };
  }

  override render(): ReactNode {
    if (this.state.fault === undefined) return this.props.children;
    return (
      <div data-page={this.props.name} data-crashed="">
        <Empty
          icon={<Bug aria-hidden />}
          title={t("crash.title")}
          text={`${t("crash.text")} ${this.state.fault.message}`}
          action={<Button onClick={() => this.setState({ fault: undefined })}>{t("crash.again")}</Button>}
        />
      </div>
    );
  }
}
