// The review of a proposal: files on the left, one file's difference on the right, decided by mouse or by keys.

import { Check, MessageSquare, SearchX, Undo2, WrapText, X } from "lucide-react";
import { useMemo } from "react";
import { useParams } from "wouter";
import { PageLink } from "@/app/PageLink";
import { place } from "@/app/places";
import { usePageTitle } from "@/app/usePageTitle";
import { useLiveSession, usePreference, type LiveSession } from "@/hub";
import type { SessionEntity } from "@/hub/messages";
import { tShared, wordShared } from "@/text/shared";
import { Badge, Button, Empty, IconButton, LiveGate, Page, Progress, Segmented, Select, statusTone } from "@/ui";
import { About } from "./About";
import { Banner } from "./Banner";
import { FileList } from "./FileList";
import { FileReview } from "./FileReview";
import { filesOf, findingsOf, tallyOf } from "./model";
import { t } from "./words";
import { useNarrow, useReview } from "./useReview";
import css from "./review.module.css";

export default function ReviewPage(): React.JSX.Element {
  const { id } = useParams<{ id: string }>();
  const live = useLiveSession(id);
  const title = live.session?.title;
  usePageTitle(title === undefined ? t("title") : t("titleOf", { title }));
  return (
    <Page name="review" width="fill" ready={live.state !== "loading"}>
      <LiveGate live={live}>{(session) => <Review key={session.id} live={live} session={session} />}</LiveGate>
    </Page>
  );
}

function Review({ live, session }: { live: LiveSession; session: SessionEntity }): React.JSX.Element {
  const files = useMemo(() => filesOf(live.files, live.hunks), [live.files, live.hunks]);
  return files.length === 0 ? <Nothing session={session} /> : <Proposal live={live} session={session} files={files} />;
}

function Nothing({ session }: { session: SessionEntity }): React.JSX.Element {
  const why = {
    starting: "emptyStarting",
    working: "emptyWorking",
    waiting: "emptyWaiting",
    proposed: "emptyNothing",
    finished: "emptyNothing",
    stopped: "emptyOver",
    cancelled: "emptyOver",
  } as const;
  return (
    <Empty
      icon={<SearchX aria-hidden />}
      title={t("emptyTitle")}
      text={t(why[session.status])}
      action={
        <Button asChild>
          <PageLink to={place.session(session.id)}>{t("emptyOpen")}</PageLink>
        </Button>
      }
    />
  );
}

function Proposal(props: {
  live: LiveSession;
  session: SessionEntity;
  files: ReturnType<typeof filesOf>;
}): React.JSX.Element {
  const { live, session, files } = props;
  const [layout, setLayout] = usePreference("review.layout");
  const [wrap, setWrap] = usePreference("review.wrap");
  const narrow = useNarrow();
  const review = useReview({ session, files, setLayout, layout, undoable: live.undoable });
  const { file, deciding, comments } = review;
  const findings = findingsOf(live.findings, file, session.roots);
  const own = comments.all.filter((comment) => comment.path === file.path && comment.root === file.root);
  const commented = new Set(
    files.filter((one) => comments.all.some((c) => c.path === one.path && c.root === one.root)).map((one) => one.id),
  );
  return (
    <div className={css.page}>
      <Head {...props} review={review} />
      <Banner session={session} files={files} onShow={(shown) => review.openConflict(shown)} />
      <About session={session} gates={live.gates} />
      <div className={css.columns}>
        {!narrow && (
          <FileList
            files={files}
            roots={session.roots}
            current={file.id}
            commented={commented}
            onOpen={(one) => review.open(one)}
          />
        )}
        <div className={css.main}>
          <div className={css.toolbar} role="toolbar" aria-label={t("layout")}>
            {narrow ? (
              <Select
                label={t("files")}
                value={file.id}
                options={files.map((one) => ({ value: one.id, label: one.path }))}
                onChange={(value) => review.open(files.find((one) => one.id === value) ?? file)}
              />
            ) : (
              <Segmented
                label={t("layout")}
                value={layout}
                options={[
                  { value: "unified", label: t("unified") },
                  { value: "split", label: t("split") },
                ]}
                onChange={setLayout}
              />
            )}
            <Button size="s" variant="quiet" aria-pressed={review.whole} onClick={review.toggleWhole}>
              {t(review.whole ? "wholeHide" : "wholeShow")}
            </Button>
            <IconButton
              label={t("wrap")}
              aria-pressed={wrap}
              icon={<WrapText aria-hidden />}
              onClick={() => setWrap(!wrap)}
            />
            <span className={css.grow} />
            {comments.all.length > 0 && (
              <span className={css.pending} role="status">
                <MessageSquare aria-hidden />
                {t("comments", { n: comments.all.length })}
                <Button size="s" variant="quiet" onClick={() => void review.dropComments()}>
                  {t("commentsDrop")}
                </Button>
                <Button size="s" variant="primary" needsHub busy={review.sending} onClick={() => review.send()}>
                  {t("commentsSend")}
                </Button>
              </span>
            )}
          </div>
          <FileReview
            key={file.id}
            session={session}
            file={file}
            findings={findings}
            comments={own}
            composing={review.composing}
            layout={narrow ? "unified" : layout}
            whole={review.whole}
            wrap={wrap || narrow}
            current={review.current}
            show={review.show}
            deciding={deciding}
            sending={review.sending}
            conflictShown={review.conflictShown}
            onConflict={review.setConflictShown}
            onCurrent={(hunk) => review.setCurrent(hunk.id)}
            onAccept={(hunk) => void review.decide(hunk, "accept")}
            onReject={(hunk) => void review.decide(hunk, "reject")}
            onCompose={review.compose}
            onComment={review.comment}
            onRemoveComment={comments.remove}
          />
        </div>
      </div>
    </div>
  );
}

function Head(props: {
  live: LiveSession;
  session: SessionEntity;
  files: ReturnType<typeof filesOf>;
  review: ReturnType<typeof useReview>;
}): React.JSX.Element {
  const { live, session, files, review } = props;
  const tally = tallyOf(live.hunks);
  const said = t("decided", { done: tally.decided, total: tally.total });
  return (
    <header className={css.head}>
      <div className={css.headTitle}>
        <h1 title={session.request}>
          <PageLink to={place.session(session.id)} className={css.titleLink}>
            {session.title}
          </PageLink>
        </h1>
        <Badge tone={statusTone(session.status)}>{wordShared("status", session.status)}</Badge>
        <span className={css.soft}>{t("fileCount", { n: files.length })}</span>
      </div>
      <div className={css.headProgress}>
        <span className={css.soft}>{session.applying ? t("writing") : said}</span>
        <Progress value={tally.total === 0 ? 0 : tally.decided / tally.total} label={said} />
      </div>
      <div className={css.headActions}>
        {live.undoable && (
          <Button
            needsHub
            variant="quiet"
            disabled={review.deciding.busy}
            icon={<Undo2 aria-hidden />}
            onClick={review.deciding.undo}
          >
            {t("undo")}
          </Button>
        )}
        {tally.open > 0 && (
          <>
            <Button
              needsHub
              disabled={review.deciding.busy}
              icon={<X aria-hidden />}
              onClick={() => void review.all("reject")}
            >
              {t("rejectAll")}
            </Button>
            <Button
              variant="primary"
              needsHub
              disabled={review.deciding.busy}
              icon={<Check aria-hidden />}
              onClick={() => void review.all("accept")}
            >
              {t("acceptAll")}
            </Button>
          </>
        )}
        {tally.open === 0 && (
          <Button asChild>
            <PageLink to={place.session(session.id)}>{tShared("page.session")}</PageLink>
          </Button>
        )}
      </div>
    </header>
  );
}
