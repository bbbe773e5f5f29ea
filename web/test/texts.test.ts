import assert from "node:assert/strict";
import { test } from "node:test";
import type { TaskEntity } from "@/hub/messages";
import { graphOf } from "@/pages/session/graph";
import { readableArguments } from "@/pages/session/reading";
import { speak } from "@/text/speak";
import { money, span } from "@/ui/amounts";
import { runsOf } from "@/ui/ansi";
import { askedAt, partsOf } from "@/ui/prompt/words";

test("what is asked for ends at the cursor", () => {
  assert.deepEqual(askedAt("see @src/a", 10), { kind: "file", start: 4, query: "src/a" });
  assert.deepEqual(askedAt("/te", 3), { kind: "template", start: 0, query: "te" });
  assert.equal(askedAt("mail me@home", 12), undefined);
  assert.equal(askedAt("a /te", 5), undefined);
});

test("the parts of a prompt are the prompt", () => {
  for (const text of ["look at @a.py and `b` in src/c.ts:3", "```\ncode\n", "", "@x", "plain"]) {
    assert.equal(
      partsOf(text)
        .map((part) => part.text)
        .join(""),
      text,
    );
  }
  assert.deepEqual(
    partsOf("see @a.py").map((part) => part.kind),
    ["text", "mention"],
  );
});

test("terminal output keeps its words and colours and nothing that acts", () => {
  const runs = runsOf("\x1b[31mred\x1b[0m \x1b]0;title\x07plain\x1b[2J\x1b[38;5;196mx");
  assert.equal(runs.map((run) => run.text).join(""), "red plainx");
  assert.deepEqual(runs[0], { text: "red", looks: ["red"] });
  assert.equal(runs.at(-1)?.color, "#ff0000");
  assert.equal(runsOf("10 %\r50 %\rdone\n")[0]?.text, "done\n");
});

test("a task stands behind those that it waits for, and a circle ends", () => {
  const task = (id: string, ...before: string[]): TaskEntity => ({ id, depends_on: before }) as unknown as TaskEntity;
  const graph = graphOf([task("a"), task("b", "a"), task("c", "a"), task("d", "b", "c")]);
  assert.deepEqual(
    graph.nodes.map((node) => [node.column, node.row]),
    [
      [0, 0],
      [1, 0],
      [1, 1],
      [2, 0],
    ],
  );
  assert.equal(graph.edges.length, 4);
  assert.equal(graphOf([task("a", "b"), task("b", "a")]).nodes.length, 2);
});

test("arguments are lines, and what is no JSON stays", () => {
  assert.equal(readableArguments('{"path":"a","n":2}'), "path: a\nn: 2");
  assert.equal(readableArguments("make test"), "make test");
  assert.equal(readableArguments("{}"), "");
});

test("amounts and counted words read well", () => {
  assert.equal(money(12_340_000_000), "$12.34");
  assert.equal(money(0), "$0");
  assert.equal(span(245_000), "4 min 5 s");
  const t = speak({ n: { one: "{n} hunk", other: "{n} hunks" } });
  assert.equal(t("n", { n: 1 }), "1 hunk");
  assert.equal(t("n", { n: 1200 }), "1,200 hunks");
});
