// A commit, and the difference of a file between two of its versions.

import { useQueries } from "@tanstack/react-query";
import { lazy, Suspense } from "react";
import { asHubError, callHub, useCall, usePreference } from "@/hub";
import type { FileResult, GitCommitResult, GitFileLine } from "@/hub/messages";
import { Empty, Failure, Loaded, Segmented, Skeleton, Time } from "@/ui";
import { review } from "@/text/review";
import { speak } from "@/text/speak";
import { GitFile } from "./Git";
import type { Tab, Version } from "./tabs";
import { t } from "./words";
import css from "./project.module.css";

const DiffView = lazy(() => import("@/pages/review/diff/DiffView"));
const tReview = speak(review);

export function CommitTab(props: {
  tab: Extract<Tab, { kind: "commit" }>;
  onFile: (file: GitFileLine, commit: GitCommitResult) => void;
}): React.JSX.Element {
  const { tab } = props;
  const asked = { session_id: tab.session, root: tab.root, commit: tab.commit };
  const found = useCall("git/commit", asked, { staleTime: Infinity });
  return (
    <div className={css.commitTab}>
      <Loaded of={found}>
        {(detail) => (
          <>
            <p className={css.soft}>
              {detail.commit.author} · <Time at={detail.commit.at} /> · <code>{detail.commit.commit}</code>
            </p>
            <pre className={css.message}>{detail.message}</pre>
            <h3 className={css.paneHead}>{t("commitFiles", { n: detail.files.length })}</h3>
            <ul>
              {detail.files.map((file) => (
                <li key={file.path}>
                  <GitFile file={{ ...file, staged: false }} onOpen={() => props.onFile(file, detail)} />
                </li>
              ))}
            </ul>
            {detail.cut && <p className={css.soft}>{t("gitCut")}</p>}
          </>
        )}
      </Loaded>
    </div>
  );
}

export function DiffTab({ tab }: { tab: Extract<Tab, { kind: "diff" }> }): React.JSX.Element {
  const [layout, setLayout] = usePreference("review.layout");
  const found = useQueries({ queries: [asked(tab, tab.from), asked(tab, tab.to)] });
  const [before, after] = found;
  const failed = before.error ?? after.error;
  if (failed !== null) {
    return <Failure error={asHubError(failed)} retry={() => found.forEach((query) => void query.refetch())} />;
  }
  if (before.data === undefined || after.data === undefined) return <Skeleton lines={8} />;
  if (before.data.binary || after.data.binary) return <Empty title={tab.path} text={t("diffNothing")} />;
  const narrow = window.innerWidth <= 720;
  return (
    <div className={css.editing}>
      <div className={css.fileBar}>
        <code className={css.filePath}>{tab.path}</code>
        {!narrow && (
          <Segmented
            label={tReview("layout")}
            value={layout}
            options={[
              { value: "unified", label: tReview("unified") },
              { value: "split", label: tReview("split") },
            ]}
            onChange={setLayout}
          />
        )}
      </div>
      <div className={css.compare}>
        <Suspense fallback={<Skeleton lines={8} />}>
          <DiffView
            path={tab.path}
            before={(before.data.text ?? "").replaceAll("\r\n", "\n")}
            after={(after.data.text ?? "").replaceAll("\r\n", "\n")}
            layout={narrow ? "unified" : layout}
            whole={false}
            wrap={narrow}
            labels={{
              view: t("diffLabel", { path: tab.path }),
              before: t("diffBefore", { path: tab.path }),
              after: t("diffAfter", { path: tab.path }),
              unchanged: t("unchanged"),
            }}
          />
        </Suspense>
      </div>
    </div>
  );
}

const NOTHING: FileResult = { exists: false, binary: false, text: null, size: 0, version: "", read_only: "" };

function asked(
  tab: Extract<Tab, { kind: "diff" }>,
  version: Version,
): { queryKey: readonly unknown[]; queryFn: () => Promise<FileResult>; staleTime: number } {
  const place = { session_id: tab.session, root: tab.root };
  return {
    queryKey: ["project/version", place, tab.path, version],
    queryFn: () => {
      if (version === "nothing") return Promise.resolve(NOTHING);
      if (version === "workspace") return callHub("file/read", { ...place, path: tab.path, side: "workspace" });
      return callHub("git/read", { ...place, path: version.path, commit: version.commit });
    },
    staleTime: typeof version === "string" || version.commit === "" ? 0 : Infinity,
  };
}
