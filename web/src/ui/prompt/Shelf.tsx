// What was asked before, and what is asked often: one list to take from.

import type { ReactNode } from "react";
import { useState } from "react";
import { IconButton } from "../Button";
import { Popover } from "../Tooltip";
import css from "./prompt.module.css";

export function Shelf(props: {
  icon: ReactNode;
  title: string;
  empty: string;
  groups: readonly { title: string; items: readonly string[] }[];
  take: (text: string) => void;
}): React.JSX.Element {
  const [open, setOpen] = useState(false);
  const groups = props.groups.filter((group) => group.items.length > 0);
  return (
    <Popover
      label={props.title}
      open={open}
      onOpenChange={setOpen}
      trigger={<IconButton label={props.title} icon={props.icon} />}
    >
      <div className={css.shelf}>
        {groups.length === 0 && <p>{props.empty}</p>}
        {groups.map((group) => (
          <section key={group.title}>
            <h3>{group.title}</h3>
            <ul>
              {group.items.map((item) => (
                <li key={item}>
                  <button
                    type="button"
                    onClick={() => {
                      setOpen(false);
                      props.take(item);
                    }}
                  >
                    {item}
                  </button>
                </li>
              ))}
            </ul>
          </section>
        ))}
      </div>
    </Popover>
  );
}
