// Names of the workspace's files for the prompt's completion, read when first needed and for a short while.

import * as vscode from "vscode";
import { fittingFiles } from "./prompt";

const MOST_FILES = 20_000;
const KEPT_MS = 15_000;

export class FileIndex {
  private paths: Promise<string[]> | undefined;
  private readAt = 0;

  /** Relative paths, the best fit first; with several folders each begins with its folder's name. */
  async fitting(query: string): Promise<string[]> {
    if (this.paths === undefined || Date.now() - this.readAt > KEPT_MS) {
      this.readAt = Date.now();
      this.paths = read();
    }
    return fittingFiles(await this.paths, query);
  }
}

async function read(): Promise<string[]> {
  const left = "**/{node_modules,.git,.venv,__pycache__,dist,target}/**";
  const found = await vscode.workspace.findFiles("**/*", left, MOST_FILES);
  return found.map((uri) => vscode.workspace.asRelativePath(uri));
}
