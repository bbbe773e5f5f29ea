// One way to register a command: its name is below `draftsmith.ui.`, because the server's own commands have the names
// below `draftsmith.`; what it raises is shown to the user.

import * as vscode from "vscode";

export function register(name: string, run: (...args: unknown[]) => unknown): vscode.Disposable {
  return vscode.commands.registerCommand(`draftsmith.ui.${name}`, async (...args: unknown[]) => {
    try {
      return await run(...args);
    } catch (failure) {
      const message = failure instanceof Error ? failure.message : String(failure);
      void vscode.window.showErrorMessage(`Draftsmith: ${message}`);
      return undefined;
    }
  });
}
