// What the manifest says fits together: texts, commands, settings, icons, keys.

import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { VIEW_COMMANDS } from "../../src/session/wire";

interface Property {
  type: string | string[];
  default?: unknown;
  enum?: string[];
  enumDescriptions?: string[];
  markdownDescription?: string;
  scope?: string;
}

interface Manifest {
  icon: string;
  extensionKind: string[];
  capabilities: { untrustedWorkspaces: { supported: string; restrictedConfigurations: string[] } };
  contributes: {
    commands: { command: string; title: string }[];
    menus: Record<string, { command?: string; submenu?: string }[]>;
    keybindings: { command: string; key: string; mac: string; when: string }[];
    configuration: { properties: Record<string, Property> };
  };
}

const text = readFileSync("package.json", "utf8");
const manifest = JSON.parse(text) as Manifest;
const nls = JSON.parse(readFileSync("package.nls.json", "utf8")) as Record<string, string>;
const { commands, menus, keybindings, configuration } = manifest.contributes;
const names = new Set(commands.map((one) => one.command));

function sources(folder: string): string {
  return readdirSync(folder, { withFileTypes: true })
    .map((entry) => {
      const path = join(folder, entry.name);
      return entry.isDirectory() ? sources(path) : readFileSync(path, "utf8");
    })
    .join("\n");
}

test("every text of the manifest has its words, and no words are left over", () => {
  const used = new Set([...text.matchAll(/"%([^"%]+)%"/g)].map((match) => match[1] ?? ""));
  assert.deepEqual([...used].sort(), Object.keys(nls).sort());
});

test("menus and keys name commands that there are", () => {
  const named = [...Object.values(menus).flat(), ...keybindings].map((one) => one.command).filter(Boolean);
  assert.deepEqual(
    named.filter((command) => !names.has(command ?? "")),
    [],
  );
});

test("no command of the extension has a name of the server's", () => {
  assert.deepEqual(
    [...names].filter((name) => !name.startsWith("draftsmith.ui.")),
    [],
  );
});

test("every command that the session view may call is one", () => {
  assert.deepEqual(
    VIEW_COMMANDS.filter((name) => !names.has(`draftsmith.ui.${name}`)),
    [],
  );
});

test("no two commands have the same key", () => {
  const keys = keybindings.flatMap((one) => [`${one.key} ${one.when}`, `mac ${one.mac} ${one.when}`]);
  assert.equal(new Set(keys).size, keys.length);
});

test("every setting has a description, a default and words for its choices, and is read", () => {
  const code = sources("src");
  for (const [name, one] of Object.entries(configuration.properties)) {
    assert.ok(one.markdownDescription, name);
    assert.notEqual(one.default, undefined, name);
    assert.equal(one.enum?.length, one.enumDescriptions?.length, name);
    const short = name.replace("draftsmith.", "");
    // The server reads this one, and the protocol library the trace.
    if (short === "functionLenses" || short === "trace.server") continue;
    assert.ok(code.includes(`"${short}"`), `${name} is not read`);
  }
});

test("what could start a program cannot be set by a folder that is not trusted", () => {
  const { supported, restrictedConfigurations } = manifest.capabilities.untrustedWorkspaces;
  assert.equal(supported, "limited");
  for (const name of ["draftsmith.server.path", "draftsmith.server.python", "draftsmith.server.package"]) {
    assert.ok(restrictedConfigurations.includes(name), name);
    assert.match(configuration.properties[name]?.scope ?? "", /^machine/);
  }
});

test("the extension runs where the workspace is", () => {
  assert.deepEqual(manifest.extensionKind, ["workspace"]);
});

test("every picture that is named is there", () => {
  const readme = readFileSync("README.md", "utf8");
  const pictures = [...`${text}\n${readme}`.matchAll(/\b((?:media|images)\/[\w./-]+\.(?:png|svg|md))\b/g)];
  assert.ok(pictures.length > 5);
  assert.deepEqual(
    pictures.map((match) => match[1] ?? "").filter((path) => !existsSync(path)),
    [],
  );
});

test("nothing is reported to anybody", () => {
  assert.equal(/TelemetryLogger|createTelemetry|fetch\(|node:https?"|XMLHttpRequest/.test(sources("src")), false);
});
