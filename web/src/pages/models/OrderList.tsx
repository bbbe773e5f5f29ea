// An ordered list of models: lines are moved by dragging, by Alt and an arrow key, and by buttons.

import { ArrowDown, ArrowUp, GripVertical, X } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { t } from "@/text/models";
import { IconButton, VisuallyHidden } from "@/ui";
import { moved } from "./amounts";
import css from "./models.module.css";

export function OrderList(props: {
  models: readonly string[];
  known: ReadonlySet<string>;
  label: string;
  onChange: (models: readonly string[]) => void;
}): React.JSX.Element {
  const { models, onChange } = props;
  const [dragged, setDragged] = useState<number | undefined>();
  const [over, setOver] = useState<number | undefined>();
  const [said, setSaid] = useState("");
  const list = useRef<HTMLOListElement>(null);
  const follow = useRef<string | undefined>(undefined);

  useEffect(() => {
    // The line that was moved by a key keeps the focus at its new place.
    if (follow.current === undefined) return;
    const place = models.indexOf(follow.current);
    list.current?.querySelectorAll<HTMLElement>("li")[place]?.focus();
    follow.current = undefined;
  }, [models]);

  const move = (from: number, to: number): void => {
    const model = models[from];
    const after = moved(models, from, to);
    if (after === models || model === undefined) return;
    setSaid(t("roles.moved", { model, place: to + 1, all: models.length }));
    follow.current = model;
    onChange(after);
  };

  return (
    <>
      <ol className={css.order} ref={list} aria-label={props.label}>
        {models.map((model, place) => (
          <li
            key={model}
            tabIndex={0}
            draggable
            className={css.line}
            data-over={over === place && dragged !== place ? "" : undefined}
            aria-keyshortcuts="Alt+ArrowUp Alt+ArrowDown"
            onDragStart={(event) => {
              event.dataTransfer.effectAllowed = "move";
              event.dataTransfer.setData("text/plain", model);
              setDragged(place);
            }}
            onDragOver={(event) => {
              if (dragged === undefined) return;
              event.preventDefault();
              setOver(place);
            }}
            onDrop={(event) => {
              event.preventDefault();
              if (dragged !== undefined) move(dragged, place);
            }}
            onDragEnd={() => {
              setDragged(undefined);
              setOver(undefined);
            }}
            onKeyDown={(event) => {
              if (!event.altKey || (event.key !== "ArrowUp" && event.key !== "ArrowDown")) return;
              event.preventDefault();
              move(place, event.key === "ArrowUp" ? place - 1 : place + 1);
            }}
          >
            <GripVertical aria-hidden className={css.grip} />
            <span className={css.place}>{place + 1}</span>
            <span className={css.name}>{model}</span>
            {!props.known.has(model) && <span className={css.faint}>{t("roles.missing")}</span>}
            <IconButton
              label={t("roles.up", { model })}
              icon={<ArrowUp aria-hidden />}
              disabled={place === 0}
              needsHub
              onClick={() => move(place, place - 1)}
            />
            <IconButton
              label={t("roles.down", { model })}
              icon={<ArrowDown aria-hidden />}
              disabled={place === models.length - 1}
              needsHub
              onClick={() => move(place, place + 1)}
            />
            <IconButton
              label={t("roles.remove", { model })}
              icon={<X aria-hidden />}
              needsHub
              onClick={() => onChange(models.filter((one) => one !== model))}
            />
          </li>
        ))}
      </ol>
      <VisuallyHidden>
        <span role="status">{said}</span>
      </VisuallyHidden>
    </>
  );
}
