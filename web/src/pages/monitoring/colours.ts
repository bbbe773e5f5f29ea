// Lines of a chart are told apart by colour and by dashes: not everybody sees the one.

export const COLOURS = ["--accent", "--good", "--warn", "--bad"] as const;
export const DASHES: readonly (readonly number[])[] = [[], [6, 3], [2, 2], [8, 3, 2, 3]];
