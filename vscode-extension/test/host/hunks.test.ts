import assert from "node:assert/strict";
import * as vscode from "vscode";
import { sideUri } from "../../src/changes/uris";
import type { SessionStore } from "../../src/session/store";
import {
  api,
  closeAll,
  fileUri,
  hunkStatus,
  ORDER,
  open,
  placed,
  proposal,
  putBack,
  putCursor,
  status,
  textOnDisk,
  until,
} from "./support";

const NAMES = [ORDER, "shop/receipt.py"];
const CREATED = "tests/test_discount.py";

function here(): vscode.TextEditor {
  assert.ok(vscode.window.activeTextEditor);
  return vscode.window.activeTextEditor;
}

/** Also documents that no tab shows. */
async function saveDirty(): Promise<void> {
  for (const document of vscode.workspace.textDocuments) if (document.isDirty) await document.save();
}

describe("pending changes", () => {
  const texts = new Map<string, string>();
  let store: SessionStore;

  before(async () => {
    for (const name of NAMES) texts.set(name, await textOnDisk(name));
  });

  beforeEach(async () => {
    store = await proposal();
  });

  afterEach(async () => {
    await putBack(store, texts);
    await vscode.workspace.fs.delete(fileUri(CREATED)).then(undefined, () => undefined);
  });

  it("stand where their lines are, also when the user writes above them", async () => {
    const editor = await open(ORDER);
    const [first, second] = await placed(ORDER, 2);
    assert.deepEqual([first?.start, first?.count], [3, 3]);
    assert.equal(second?.after, "    return min(prices)\n");
    await editor.edit((edit) => edit.insert(new vscode.Position(0, 0), "# A line\n"));
    const { hunks } = await api();
    await until("the hunks to move", () => hunks.in(editor.document.uri)[0]?.start === 4);
  });

  it("have lenses, code actions and a hover that says which task and which gate", async () => {
    const editor = await open(ORDER);
    await placed(ORDER, 2);
    const { uri } = editor.document;
    const lenses = await until("four lenses", async () => {
      const found = await vscode.commands.executeCommand<vscode.CodeLens[]>("vscode.executeCodeLensProvider", uri, 50);
      return found.length >= 4 && found;
    });
    const commands = new Set(lenses.map((lens) => lens.command?.command));
    for (const command of ["draftsmith.accept", "draftsmith.reject", "draftsmith.why"])
      assert.ok(commands.has(command));
    const actions = await vscode.commands.executeCommand<vscode.CodeAction[]>(
      "vscode.executeCodeActionProvider",
      uri,
      new vscode.Range(3, 0, 3, 0),
    );
    assert.ok(actions.some((action) => action.title.startsWith("Accept hunk")));
    const hovers = await vscode.commands.executeCommand<vscode.Hover[]>(
      "vscode.executeHoverProvider",
      uri,
      new vscode.Position(3, 2),
    );
    const said = hovers
      .flatMap((hover) => hover.contents)
      .map((one) => (one instanceof vscode.MarkdownString ? one.value : ""));
    assert.ok(
      said.some((text) => text.includes("Discount in the total") && text.includes("passed")),
      said.join("\n"),
    );
  });

  it("are accepted at the cursor, undone by the editor, and accepted again", async () => {
    const editor = await open(ORDER);
    const [first] = await placed(ORDER, 2);
    putCursor(editor, 4);
    await vscode.commands.executeCommand("draftsmith.ui.acceptHunk");
    await hunkStatus(store, first?.hunkId, "in_buffer");
    assert.ok(editor.document.getText().includes("def total(prices, discount=0):"));
    assert.ok(editor.document.isDirty);
    assert.equal(await textOnDisk(ORDER), texts.get(ORDER));
    await vscode.commands.executeCommand("undo");
    await hunkStatus(store, first?.hunkId, "pending");
    assert.equal(editor.document.getText(), texts.get(ORDER));
    await vscode.commands.executeCommand("redo");
    await hunkStatus(store, first?.hunkId, "in_buffer");
    await editor.document.save();
    await hunkStatus(store, first?.hunkId, "on_disk");
  });

  it("come into open and new files by one edit, which one undo takes back, and are accepted again", async () => {
    const editor = await open(ORDER);
    await placed(ORDER, 2);
    const wanted = store.all("hunk").filter((one) => [ORDER, CREATED].includes(one.path));
    assert.equal(wanted.length, 3);
    const ids = wanted.map((one) => one.id);
    for (const time of ["first", "again"]) {
      await vscode.commands.executeCommand("draftsmith.accept", store.sessionId, ids);
      for (const { id, path } of wanted) await hunkStatus(store, id, path === CREATED ? "on_disk" : "in_buffer");
      assert.ok((await textOnDisk(CREATED)).includes("test_ten_percent"));
      assert.ok(!vscode.workspace.textDocuments.some((one) => one.isDirty && one.uri.path.endsWith(CREATED)));
      if (time === "again") break;
      await vscode.commands.executeCommand("undo");
      for (const id of ids) await hunkStatus(store, id, "pending");
      assert.equal(editor.document.getText(), texts.get(ORDER));
      await assert.rejects(textOnDisk(CREATED));
    }
    await editor.document.save();
    for (const id of ids) await hunkStatus(store, id, "on_disk");
  });

  it("are rejected at the cursor and leave the text alone", async () => {
    const editor = await open(ORDER);
    const [, second] = await placed(ORDER, 2);
    putCursor(editor, second?.start ?? 0);
    await vscode.commands.executeCommand("draftsmith.ui.rejectHunk");
    await hunkStatus(store, second?.hunkId, "rejected");
    assert.equal(editor.document.getText(), texts.get(ORDER));
    await placed(ORDER, 1);
  });

  it("are accepted by file, and the other files stay as they are", async () => {
    const editor = await open(ORDER);
    await placed(ORDER, 2);
    await vscode.commands.executeCommand("draftsmith.ui.acceptFile");
    await until("both changes", () => editor.document.getText().includes("return min(prices)"));
    assert.ok(editor.document.getText().includes("discount=0"));
    assert.equal(await textOnDisk("shop/receipt.py"), texts.get("shop/receipt.py"));
    await placed(ORDER, 0);
  });

  it("are accepted all at once, new files too, and the session takes all of it back", async () => {
    await closeAll();
    await vscode.commands.executeCommand("draftsmith.ui.acceptAll");
    await status(store, "finished");
    // What an editor still holds is changed there and not on disk.
    await saveDirty();
    assert.ok((await textOnDisk(ORDER)).includes("discount=0"));
    assert.ok((await textOnDisk(CREATED)).includes("test_ten_percent"));
    await vscode.commands.executeCommand("draftsmith.ui.undo");
    await until("the old text", async () => {
      await saveDirty();
      return (await textOnDisk(ORDER)) === texts.get(ORDER);
    });
    await assert.rejects(textOnDisk(CREATED));
  });

  it("in conflict with the user's own words leave those alone and say so", async () => {
    const editor = await open(ORDER);
    const [, second] = await placed(ORDER, 2);
    const line = second?.start ?? 0;
    await editor.edit((edit) => edit.replace(editor.document.lineAt(line).range, "    return prices[0]  # mine"));
    putCursor(editor, line);
    await vscode.commands.executeCommand("draftsmith.accept", store.sessionId, [second?.hunkId]);
    await hunkStatus(store, second?.hunkId, "conflicted");
    assert.ok(editor.document.getText().includes("return prices[0]  # mine"));

    // The three texts come to the merge editor; the user's file is its result, and still as it was.
    const text = async (side: "workspace" | "offered" | "conflict"): Promise<string> =>
      (await vscode.workspace.openTextDocument(sideUri(side, store.sessionId, fileUri(ORDER)))).getText();
    assert.ok((await text("workspace")).includes("return prices[0]  # mine"));
    const offered = await text("offered");
    assert.ok(offered.includes("return min(prices)") && !offered.includes("discount=0"));
    assert.match(
      await text("conflict"),
      /<<<<<<< yours\n.*# mine\n\|{7} base\n.*\n=======\n.*min\(prices\)\n>{7} draft/,
    );
    await vscode.commands.executeCommand("draftsmith.conflict", store.sessionId, second?.hunkId);
    const tab = await until("the merge editor", () => {
      const active = vscode.window.tabGroups.activeTabGroup.activeTab;
      return active?.input !== editor && active?.label.startsWith("Merging") && active;
    });
    assert.ok(editor.document.getText().includes("return prices[0]  # mine"));
    await vscode.window.tabGroups.close(tab);
  });

  it("are gone to one after the other, through all files", async () => {
    const editor = await open(ORDER);
    await placed(ORDER, 2);
    putCursor(editor, 0);
    await vscode.commands.executeCommand("draftsmith.ui.nextHunk");
    assert.equal(here().selection.active.line, 3);
    await vscode.commands.executeCommand("draftsmith.ui.nextHunk");
    assert.equal(here().selection.active.line, 15);
    await vscode.commands.executeCommand("draftsmith.ui.nextHunk");
    assert.ok(here().document.uri.path.endsWith("shop/receipt.py"));
    await vscode.commands.executeCommand("draftsmith.ui.previousHunk");
    assert.ok(here().document.uri.path.endsWith(ORDER));
  });

  it("show side by side from documents that the server gives", async () => {
    await open(ORDER);
    await placed(ORDER, 2);
    const text = async (side: "base" | "proposed"): Promise<string> =>
      (await vscode.workspace.openTextDocument(sideUri(side, store.sessionId, fileUri(ORDER)))).getText();
    assert.equal(await text("base"), texts.get(ORDER));
    const proposed = await text("proposed");
    assert.ok(proposed.includes("return min(prices)") && proposed.includes("discount=0"));
    await vscode.commands.executeCommand("draftsmith.ui.compareFile");
    const diff = await until("a diff", () => vscode.window.tabGroups.activeTabGroup.activeTab?.input);
    assert.ok(diff instanceof vscode.TabInputTextDiff);
    await vscode.commands.executeCommand("draftsmith.ui.review");
    await until("the review", () => vscode.window.tabGroups.activeTabGroup.activeTab?.label.startsWith("Proposal"));
  });

  it("show in the editor in three ways", async () => {
    const configuration = (): vscode.WorkspaceConfiguration => vscode.workspace.getConfiguration("draftsmith");
    await open(ORDER);
    await placed(ORDER, 2);
    for (const way of ["marks", "off", "full"]) {
      await configuration().update("inlineDiff", way, vscode.ConfigurationTarget.Global);
      assert.equal(configuration().get("inlineDiff"), way);
    }
    await vscode.commands.executeCommand("draftsmith.ui.toggleInline");
    assert.equal(configuration().get("inlineDiff"), "off");
    await vscode.commands.executeCommand("draftsmith.ui.toggleInline");
    assert.equal(configuration().get("inlineDiff"), "full");
  });
});
