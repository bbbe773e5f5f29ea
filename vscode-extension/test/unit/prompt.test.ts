import assert from "node:assert/strict";
import { test } from "node:test";
import { composeRequest, fileQueryAt, fittingFiles, lineRange, remembered } from "../../src/session/prompt";

test("what was attached stands below the words, with its place", () => {
  const request = composeRequest(" Mend this. ", [
    { path: "a/b.py", language: "python", firstLine: 3, lastLine: 4, text: "x = 1\ny = 2\n" },
    { path: "README.md", language: "" },
  ]);
  assert.equal(request, "Mend this.\n\n@a/b.py:3-4\n```python\nx = 1\ny = 2\n```\n\n@README.md");
});

test("a fence in what is attached does not end the quotation", () => {
  const text = "```\ncode\n```";
  const request = composeRequest("", [{ path: "x.md", language: "markdown", firstLine: 1, lastLine: 3, text }]);
  assert.ok(request.includes(`\`\`\`\`markdown\n${text}\n\`\`\`\``));
});

test("one line is named by its number, a whole file by none", () => {
  assert.equal(lineRange({ path: "x", language: "", firstLine: 7, lastLine: 7 }), "7");
  assert.equal(lineRange({ path: "x", language: "" }), "");
});

test("a repeated prompt moves to the front, and the history is bounded", () => {
  assert.deepEqual(remembered(["b", "a"], "a"), ["a", "b"]);
  const many = Array.from({ length: 150 }, (_, index) => String(index));
  assert.equal(remembered(many, "new").length, 100);
});

test("a file is completed at the cursor only after an @ that begins a word", () => {
  assert.deepEqual(fileQueryAt("see @sr", 7), { start: 4, query: "sr" });
  assert.deepEqual(fileQueryAt("@", 1), { start: 0, query: "" });
  assert.equal(fileQueryAt("mail@host", 9), undefined);
  assert.equal(fileQueryAt("see @src then", 13), undefined);
  assert.deepEqual(fileQueryAt("see @src then", 8), { start: 4, query: "src" });
});

test("files fit best by their name, then by their path, then by letters in order", () => {
  const paths = ["docs/order/readme.md", "shop/order.py", "shop/reorder.py", "o/r/d/e/r.py", "other.txt"];
  assert.deepEqual(fittingFiles(paths, "order"), [
    "shop/order.py",
    "shop/reorder.py",
    "docs/order/readme.md",
    "o/r/d/e/r.py",
  ]);
  assert.deepEqual(fittingFiles(paths, "zzz"), []);
});

test("no more files are offered than fit on a screen", () => {
  const paths = Array.from({ length: 500 }, (_, index) => `file_${index}.py`);
  assert.equal(fittingFiles(paths, "file").length, 20);
});
