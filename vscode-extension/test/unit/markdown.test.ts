import assert from "node:assert/strict";
import { test } from "node:test";
import { addedLines } from "../../src/changes/rendering";
import { blocksOf } from "../../src/session/ui/markdown";

const more = (count: number): string => `${count} more`;

test("words, headings, items and code are told apart", () => {
  assert.deepEqual(blocksOf("# Title\nfirst\nsecond\n\n- one\n  1. two\n```py\nx = 1\n```\nend"), [
    { kind: "heading", text: "Title" },
    { kind: "paragraph", text: "first\nsecond" },
    { kind: "item", depth: 0, mark: "•", text: "one" },
    { kind: "item", depth: 1, mark: "1.", text: "two" },
    { kind: "code", language: "py", text: "x = 1" },
    { kind: "paragraph", text: "end" },
  ]);
});

test("code whose fence has not come yet is code already", () => {
  assert.deepEqual(blocksOf("```\nhalf"), [{ kind: "code", language: "", text: "half" }]);
});

test("markup in code stays code", () => {
  assert.deepEqual(blocksOf("```\n# no heading\n```"), [{ kind: "code", language: "", text: "# no heading" }]);
});

test("added lines cannot leave their block", () => {
  const html = addedLines('</pre><img src=x onerror="alert(1)">\n& <b>\n', more);
  assert.equal(html.match(/<(?!\/?(?:pre|span)\b)/g), null);
  assert.equal(html.split("</pre>").length, 2);
  assert.ok(html.includes("&lt;/pre&gt;&lt;img src=x onerror=&quot;alert(1)&quot;&gt;"));
});

test("a long block is cut and says by how much", () => {
  const html = addedLines("x\n".repeat(100), more);
  assert.ok(html.endsWith("40 more</pre>"));
});

test("nothing that is added shows as nothing", () => {
  assert.equal(addedLines("", more), "");
});
