// Amounts of money as words; whole nano-dollars everywhere else.

const NANO = 1_000_000_000;

/** A cost that is not known in full is said to be more than what is known. */
export function cost(usage: { cost_nano_usd: number; unpriced_calls: number }): string {
  if (usage.unpriced_calls === 0) return dollars(usage.cost_nano_usd);
  return usage.cost_nano_usd === 0 ? "$?" : `> ${dollars(usage.cost_nano_usd)}`;
}

export function dollars(nano: number): string {
  const value = nano / NANO;
  if (value === 0) return "$0";
  if (value < 0.01) return `$${value.toFixed(4)}`;
  return `$${value.toFixed(2)}`;
}
