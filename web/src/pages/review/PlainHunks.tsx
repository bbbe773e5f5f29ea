// Hunks that have no lines to show in place: binary and very large files, permissions.

import type { HunkEntity } from "@/hub/messages";
import { useCall } from "@/hub";
import { HunkBar } from "./HunkBar";
import type { FileReviewProps } from "./FileReview";
import { t } from "./words";
import css from "./review.module.css";

const LONGEST = 20_000;

export function PlainHunks(
  props: FileReviewProps & { text?: string; sizes?: [number, number]; only?: HunkEntity },
): React.JSX.Element {
  const { file, only } = props;
  const hunks = only === undefined ? file.hunks : [only];
  const texts = useCall(
    "proposal/hunks",
    { session_id: props.session.id, hunk_ids: hunks.map((hunk) => hunk.id) },
    { staleTime: Infinity, enabled: hunks.length > 0 },
  );
  const byId = new Map(texts.data?.hunks.map((one) => [one.hunk_id, one]));
  return (
    <div className={only === undefined ? css.plain : undefined}>
      {props.text !== undefined && <p className={css.soft}>{props.text}</p>}
      {props.sizes !== undefined && (
        <p className={css.soft}>{t("binarySizes", { before: bytes(props.sizes[0]), after: bytes(props.sizes[1]) })}</p>
      )}
      {hunks.map((hunk) => {
        const text = byId.get(hunk.id);
        const mode = hunk.base_start === 0 && text !== undefined;
        return (
          <div key={hunk.id}>
            <HunkBar
              hunk={hunk}
              number={file.hunks.indexOf(hunk) + 1}
              total={file.hunks.length}
              current={hunk.id === props.current}
              busy={props.deciding.busy}
              note={mode ? t("modeHunk", { before: text.before, after: text.after }) : undefined}
              onAccept={() => props.onAccept(hunk)}
              onReject={() => props.onReject(hunk)}
              onCurrent={() => props.onCurrent(hunk)}
            />
            {!mode && text !== undefined && text.before + text.after !== "" && (
              <div className={css.plainText}>
                <pre data-side="before">{text.before.slice(0, LONGEST)}</pre>
                <pre data-side="after">{text.after.slice(0, LONGEST)}</pre>
              </div>
            )}
          </div>
        );
      })}
    </div>
  );
}

const units = new Intl.NumberFormat("en", { style: "unit", unit: "kilobyte", maximumFractionDigits: 1 });

function bytes(size: number): string {
  return units.format(size / 1_000);
}
