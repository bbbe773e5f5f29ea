// Places between lines where the page shows something of its own: a bar of a hunk, a comment, a finding. The editor
// keeps the place; what stands there is React's.

import { StateEffect, StateField, type EditorState, type Extension, type Range } from "@codemirror/state";
import { Decoration, EditorView, ViewPlugin, WidgetType, type DecorationSet, type ViewUpdate } from "@codemirror/view";

export interface Slot {
  /** Unique in one editor. */
  id: string;
  /** From 1. */
  line: number;
  where: "above" | "below";
  /** Pixels that it will take, as far as is known. */
  height: number;
}

export type Host = (id: string, element: HTMLElement | undefined) => void;

const setSlots = StateEffect.define<readonly Slot[]>();

/** Puts the slots into an editor that was made with `slotsOf`. */
export function placeSlots(view: EditorView, slots: readonly Slot[]): void {
  view.dispatch({ effects: setSlots.of(slots) });
}

export function slotsOf(slots: readonly Slot[], host: Host): Extension {
  const field = StateField.define<DecorationSet>({
    create: (state) => decorations(state, slots, host),
    update: (before, transaction) => {
      for (const effect of transaction.effects) {
        if (effect.is(setSlots)) return decorations(transaction.state, effect.value, host);
      }
      return before.map(transaction.changes);
    },
    provide: (own) => EditorView.decorations.from(own),
  });
  return [field, widths];
}

/** How wide what is seen of the text is, for what shall not scroll away with long lines. */
const widths = ViewPlugin.fromClass(
  class {
    constructor(private readonly view: EditorView) {
      this.measure();
    }

    update(update: ViewUpdate): void {
      if (update.geometryChanged) this.measure();
    }

    private measure(): void {
      this.view.requestMeasure({
        key: this,
        read: (view) => {
          const gutter = view.dom.querySelector<HTMLElement>(".cm-gutters")?.offsetWidth ?? 0;
          return { gutter, width: view.scrollDOM.clientWidth - gutter };
        },
        write: ({ gutter, width }, view) => {
          view.dom.style.setProperty("--gutter-width", `${gutter}px`);
          view.dom.style.setProperty("--seen-width", `${width}px`);
        },
      });
    }
  },
);

function decorations(state: EditorState, slots: readonly Slot[], host: Host): DecorationSet {
  const ranges: Range<Decoration>[] = slots.map((slot) => {
    const within = slot.line <= state.doc.lines;
    const line = state.doc.line(Math.min(Math.max(1, slot.line), state.doc.lines));
    const above = slot.where === "above" && within;
    const widget = new SlotWidget(slot, host);
    // Above the lines that were deleted there, which have side -1, and below all else.
    return Decoration.widget({ widget, block: true, side: above ? -10 : 10 }).range(above ? line.from : line.to);
  });
  return Decoration.set(ranges, true);
}

class SlotWidget extends WidgetType {
  private sizes: ResizeObserver | undefined;

  constructor(
    private readonly slot: Slot,
    private readonly host: Host,
  ) {
    super();
  }

  override eq(other: SlotWidget): boolean {
    return other.slot.id === this.slot.id;
  }

  override get estimatedHeight(): number {
    return this.slot.height;
  }

  override toDOM(view: EditorView): HTMLElement {
    const element = document.createElement("div");
    element.dataset.slot = this.slot.id;
    this.sizes = new ResizeObserver(() => view.requestMeasure());
    this.sizes.observe(element);
    this.host(this.slot.id, element);
    return element;
  }

  override destroy(element: HTMLElement): void {
    this.sizes?.disconnect();
    if (element.dataset.slot !== undefined) this.host(element.dataset.slot, undefined);
  }

  /** What happens in it is not the editor's. */
  override ignoreEvent(): boolean {
    return true;
  }
}
