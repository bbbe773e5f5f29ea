// The whole catalogue, for translators and for the tests; pages import their own part.

import type { Catalogue } from "./speak";

const parts = import.meta.glob<Record<string, unknown>>(["./*.ts", "!./index.ts", "!./speak.ts"], { eager: true });

export const catalogue: Readonly<Record<string, Catalogue>> = Object.fromEntries(
  Object.entries(parts).flatMap(([, part]) =>
    Object.entries(part).filter(([, value]) => typeof value === "object" && value !== null),
  ),
) as Readonly<Record<string, Catalogue>>;
