// Prices, limits and orders as people read and write them. Pure.

const NANO = 1_000_000_000;
const MOST_DOLLARS = 1_000_000;

/** Nano-dollars for a million tokens, in dollars; undefined when it is not known. */
export function rate(nano: number | null): string | undefined {
  if (nano === null) return undefined;
  const dollars = nano / NANO;
  return `$${dollars >= 100 ? dollars.toFixed(0) : String(Number(dollars.toFixed(4)))}`;
}

/** Nano-dollars of what a person wrote; undefined when it is no amount. */
export function nanoOf(text: string): number | undefined {
  if (!/^\d{1,7}([.,]\d{1,9})?$/.test(text.trim())) return undefined;
  const dollars = Number(text.trim().replace(",", "."));
  return dollars <= MOST_DOLLARS ? Math.round(dollars * NANO) : undefined;
}

export function dollarsOf(nano: number): string {
  return String(Number((nano / NANO).toFixed(9)));
}

/** The list with the item at `from` moved to `to`; the same list when that is no place in it. */
export function moved<T>(items: readonly T[], from: number, to: number): readonly T[] {
  const item = items[from];
  if (item === undefined || from === to || to < 0 || to >= items.length) return items;
  const others = items.filter((_, place) => place !== from);
  return [...others.slice(0, to), item, ...others.slice(to)];
}

/** Names separated by commas or spaces, each once. */
export function namesIn(text: string): string[] {
  return [...new Set(text.split(/[\s,]+/).filter((name) => name !== ""))];
}
