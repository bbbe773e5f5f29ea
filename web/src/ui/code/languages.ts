// Which language a file or a fence is in, and its parser, loaded when first needed.

import type { LanguageSupport, StreamParser } from "@codemirror/language";
import { LanguageSupport as Support, StreamLanguage } from "@codemirror/language";

type Load = () => Promise<LanguageSupport>;

function legacy(load: () => Promise<StreamParser<unknown>>): Load {
  return async () => new Support(StreamLanguage.define(await load()));
}

const JS: Load = () => import("@codemirror/lang-javascript").then((m) => m.javascript({ jsx: true }));
const TS: Load = () => import("@codemirror/lang-javascript").then((m) => m.javascript({ typescript: true, jsx: true }));

const LANGUAGES: Readonly<Record<string, Load>> = {
  python: () => import("@codemirror/lang-python").then((m) => m.python()),
  javascript: JS,
  typescript: TS,
  json: () => import("@codemirror/lang-json").then((m) => m.json()),
  css: () => import("@codemirror/lang-css").then((m) => m.css()),
  html: () => import("@codemirror/lang-html").then((m) => m.html()),
  markdown: () => import("@codemirror/lang-markdown").then((m) => m.markdown()),
  rust: () => import("@codemirror/lang-rust").then((m) => m.rust()),
  go: () => import("@codemirror/lang-go").then((m) => m.go()),
  java: () => import("@codemirror/lang-java").then((m) => m.java()),
  cpp: () => import("@codemirror/lang-cpp").then((m) => m.cpp()),
  php: () => import("@codemirror/lang-php").then((m) => m.php()),
  sql: () => import("@codemirror/lang-sql").then((m) => m.sql()),
  xml: () => import("@codemirror/lang-xml").then((m) => m.xml()),
  yaml: () => import("@codemirror/lang-yaml").then((m) => m.yaml()),
  shell: legacy(() => import("@codemirror/legacy-modes/mode/shell").then((m) => m.shell)),
  ruby: legacy(() => import("@codemirror/legacy-modes/mode/ruby").then((m) => m.ruby)),
  toml: legacy(() => import("@codemirror/legacy-modes/mode/toml").then((m) => m.toml)),
  lua: legacy(() => import("@codemirror/legacy-modes/mode/lua").then((m) => m.lua)),
  swift: legacy(() => import("@codemirror/legacy-modes/mode/swift").then((m) => m.swift)),
  dockerfile: legacy(() => import("@codemirror/legacy-modes/mode/dockerfile").then((m) => m.dockerFile)),
  kotlin: legacy(() => import("@codemirror/legacy-modes/mode/clike").then((m) => m.kotlin)),
  csharp: legacy(() => import("@codemirror/legacy-modes/mode/clike").then((m) => m.csharp)),
  scala: legacy(() => import("@codemirror/legacy-modes/mode/clike").then((m) => m.scala)),
  diff: legacy(() => import("@codemirror/legacy-modes/mode/diff").then((m) => m.diff)),
  haskell: legacy(() => import("@codemirror/legacy-modes/mode/haskell").then((m) => m.haskell)),
  properties: legacy(() => import("@codemirror/legacy-modes/mode/properties").then((m) => m.properties)),
};

/** Endings of files, words of fences, and whole names of files. */
const NAMES: Readonly<Record<string, string>> = {
  ...Object.fromEntries(Object.keys(LANGUAGES).map((name) => [name, name])),
  py: "python",
  pyi: "python",
  js: "javascript",
  jsx: "javascript",
  mjs: "javascript",
  cjs: "javascript",
  ts: "typescript",
  tsx: "typescript",
  mts: "typescript",
  json5: "json",
  jsonl: "json",
  scss: "css",
  htm: "html",
  vue: "html",
  svelte: "html",
  md: "markdown",
  rs: "rust",
  golang: "go",
  c: "cpp",
  h: "cpp",
  cc: "cpp",
  cxx: "cpp",
  hpp: "cpp",
  "c++": "cpp",
  svg: "xml",
  yml: "yaml",
  sh: "shell",
  bash: "shell",
  zsh: "shell",
  console: "shell",
  rb: "ruby",
  kt: "kotlin",
  kts: "kotlin",
  cs: "csharp",
  "c#": "csharp",
  patch: "diff",
  hs: "haskell",
  ini: "properties",
  cfg: "properties",
  makefile: "shell",
};

/** The language of a path, of a file's ending or of a fence's word; undefined when it is not known. */
export function languageOf(name: string): string | undefined {
  const last = name.slice(name.lastIndexOf("/") + 1).toLowerCase();
  return NAMES[last] ?? NAMES[last.slice(last.lastIndexOf(".") + 1)];
}

const loaded = new Map<string, Promise<LanguageSupport>>();

/** Undefined when the language is not known. */
export async function loadLanguage(name: string): Promise<LanguageSupport | undefined> {
  const language = languageOf(name);
  const load = language === undefined ? undefined : LANGUAGES[language];
  if (language === undefined || load === undefined) return undefined;
  let found = loaded.get(language);
  if (found === undefined) {
    found = load();
    loaded.set(language, found);
  }
  return found;
}
