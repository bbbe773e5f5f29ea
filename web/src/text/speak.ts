// Texts of the screens: each page has its own part of the one catalogue. Plain data, so that it can be translated
// without reading code; `{name}` stands for a value, and what is counted has a form for each of the language's plurals.

export interface Counted {
  one?: string;
  other: string;
}

export type Catalogue = Readonly<Record<string, string | Counted>>;

export type Values = Readonly<Record<string, string | number>>;

export const LANGUAGE = "en";

const plurals = new Intl.PluralRules(LANGUAGE);
const numbers = new Intl.NumberFormat(LANGUAGE);

/** `n` chooses the plural. A value that is missing stays as `{name}`, which a test would see. */
export function speak<C extends Catalogue>(catalogue: C): (key: keyof C & string, values?: Values) => string {
  return (key, values = {}) => {
    const entry = catalogue[key];
    if (entry === undefined) return key;
    const form = typeof entry === "string" ? entry : formOf(entry, values);
    return form.replace(/\{(\w+)\}/g, (whole, name: string) => {
      const value = values[name];
      if (value === undefined) return whole;
      return typeof value === "number" ? numbers.format(value) : value;
    });
  };
}

function formOf(entry: Counted, values: Values): string {
  const n = values.n;
  return typeof n === "number" && plurals.select(n) === "one" ? (entry.one ?? entry.other) : entry.other;
}

/** Words that come from the hub (a status, a role) in the reader's language, or as they came when they are new. */
export function speakWord(catalogue: Catalogue): (prefix: string, word: string) => string {
  const t = speak(catalogue);
  return (prefix, word) => {
    const key = `${prefix}.${word}`;
    return key in catalogue ? t(key) : word.replaceAll("_", " ");
  };
}
