// The steps of a session by their place in the log: the last ones live, the others by pages as they are looked at.
// No I/O. Places never change, because steps are only added at the end.

import type { StepEntity } from "./messages";

export const STEPS_PAGE = 100;
/** Steps beyond this many are let go, those furthest from what is looked at first. */
const MOST_HELD = 4_000;
/** The last ones always stay: they are what changes. */
const TAIL = 200;

export class HeldSteps {
  /** Grows with every change of what is held. */
  version = 0;
  /** How many there are in all; while `placed` is false, only how many are held. */
  total = 0;
  /** False until it is known how many steps lie before those of the snapshot. */
  placed = true;
  private first = 0;
  private last: StepEntity | undefined;
  private readonly byPlace = new Map<number, StepEntity>();
  private readonly places = new Map<string, number>();

  replace(steps: StepEntity[], more: boolean): void {
    this.byPlace.clear();
    this.places.clear();
    this.first = 0;
    this.placed = !more;
    this.total = 0;
    this.last = undefined;
    for (const step of [...steps].sort((one, other) => one.ordinal - other.ordinal)) this.add(step);
    this.version += 1;
  }

  /** One step whose place is known tells the places of all; false when it is not held (yet). */
  place(stepId: string, at: number): boolean {
    const held = this.places.get(stepId);
    if (held === undefined) return false;
    const shift = at - held;
    const steps = [...this.byPlace.entries()];
    this.byPlace.clear();
    this.places.clear();
    for (const [place, step] of steps) this.hold(place + shift, step);
    this.first += shift;
    this.total += shift;
    this.placed = true;
    this.version += 1;
    return true;
  }

  at(place: number): StepEntity | undefined {
    return this.byPlace.get(place);
  }

  get(stepId: string): StepEntity | undefined {
    const place = this.places.get(stepId);
    return place === undefined ? undefined : this.byPlace.get(place);
  }

  placeOf(stepId: string): number | undefined {
    return this.places.get(stepId);
  }

  get newest(): StepEntity | undefined {
    return this.last;
  }

  /** A step that came by an update: new at the end, or newer than what is held; false when it is neither. */
  put(step: StepEntity): boolean {
    const held = this.get(step.id);
    if (held !== undefined) {
      if (held.version > step.version) return false;
      this.change(step);
      return true;
    }
    if (this.last !== undefined && step.ordinal <= this.last.ordinal) return false;
    this.add(step);
    this.version += 1;
    return true;
  }

  /** In place of the one of the same id. */
  change(step: StepEntity): void {
    const place = this.places.get(step.id);
    if (place === undefined) return;
    this.byPlace.set(place, step);
    if (this.last?.id === step.id) this.last = step;
    this.version += 1;
  }

  /** A page that was asked for. What came live in the meantime is newer. */
  fill(first: number, steps: readonly StepEntity[], around: number): void {
    steps.forEach((step, offset) => {
      const held = this.get(step.id);
      if (held === undefined || held.version < step.version) this.hold(first + offset, step);
    });
    this.letGo(around);
    this.version += 1;
  }

  /** Numbers of the pages between two places of which something is missing. */
  missing(from: number, to: number): number[] {
    const pages: number[] = [];
    const end = Math.min(to, this.total - 1);
    for (let page = Math.floor(Math.max(0, from) / STEPS_PAGE); page * STEPS_PAGE <= end; page += 1) {
      const begin = page * STEPS_PAGE;
      const stop = Math.min(begin + STEPS_PAGE, this.total);
      for (let place = begin; place < stop; place += 1) {
        if (!this.byPlace.has(place)) {
          pages.push(page);
          break;
        }
      }
    }
    return pages;
  }

  private add(step: StepEntity): void {
    this.hold(this.total, step);
    this.total += 1;
    this.last = step;
    if (this.byPlace.size > MOST_HELD + STEPS_PAGE) this.letGo(this.total);
  }

  private hold(place: number, step: StepEntity): void {
    this.byPlace.set(place, step);
    this.places.set(step.id, place);
  }

  private letGo(around: number): void {
    const over = this.byPlace.size - MOST_HELD;
    if (over <= 0 || !this.placed) return;
    const loose = [...this.byPlace.keys()].filter((place) => place < this.total - TAIL);
    loose.sort((one, other) => Math.abs(other - around) - Math.abs(one - around));
    for (const place of loose.slice(0, over)) {
      const step = this.byPlace.get(place);
      this.byPlace.delete(place);
      if (step !== undefined) this.places.delete(step.id);
    }
  }
}
