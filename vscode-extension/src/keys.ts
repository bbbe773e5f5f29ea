// API keys: kept in the editor's secret storage, handed to the hub over the server's own connection, and nowhere else.

import * as vscode from "vscode";
import type { Edge } from "./edge/edge";
import type { OfferedCredential } from "./protocol/messages";

const SECRET = "draftsmith.key.";
const INDEX = "draftsmith.providers";

interface Provider {
  id: string;
  name: string;
  address: "none" | "optional" | "required";
}

const PROVIDERS: Provider[] = [
  { id: "anthropic", name: "Anthropic", address: "none" },
  { id: "openai", name: "OpenAI", address: "optional" },
  { id: "gemini", name: "Google Gemini", address: "none" },
  { id: "openai_compatible", name: "", address: "required" },
];

interface Kept {
  value: string;
  baseUrl: string | null;
}

export class Keys implements vscode.Disposable {
  private readonly subscriptions: vscode.Disposable[];

  constructor(
    private readonly secrets: vscode.SecretStorage,
    private readonly memory: vscode.Memento,
    private readonly edge: Edge,
    private readonly log: vscode.LogOutputChannel,
  ) {
    this.subscriptions = [
      edge.onConnection(({ state }) => {
        if (state === "connected") void this.offer();
      }),
      // Another window of the same user changed a key.
      secrets.onDidChange((change) => {
        if (change.key.startsWith(SECRET)) void this.offer();
      }),
    ];
  }

  /** Asks for provider, address and key; whether one was set. */
  async set(): Promise<boolean> {
    const provider = await this.choose(PROVIDERS, vscode.l10n.t("Whose key?"));
    if (provider === undefined) return false;
    const baseUrl = await addressFor(provider);
    if (baseUrl === undefined) return false;
    const value = await vscode.window.showInputBox({
      title: vscode.l10n.t("API key for {0}", nameOf(provider)),
      prompt: vscode.l10n.t("It is kept in the editor's secret storage."),
      password: true,
      ignoreFocusOut: true,
      validateInput: (text) =>
        provider.address !== "required" && text.trim() === "" ? vscode.l10n.t("A key is needed.") : undefined,
    });
    if (value === undefined) return false;
    const kept: Kept = { value: value.trim(), baseUrl: baseUrl === "" ? null : baseUrl };
    await this.memory.update(INDEX, [...new Set([...this.providers, provider.id])]);
    await this.secrets.store(SECRET + provider.id, JSON.stringify(kept));
    void vscode.window.showInformationMessage(vscode.l10n.t("The key for {0} is kept.", nameOf(provider)));
    return true;
  }

  async remove(): Promise<void> {
    const kept = PROVIDERS.filter((provider) => this.providers.includes(provider.id));
    if (kept.length === 0) {
      void vscode.window.showInformationMessage(vscode.l10n.t("No key is kept."));
      return;
    }
    const provider = await this.choose(kept, vscode.l10n.t("Which key shall be removed?"));
    if (provider === undefined) return;
    await this.memory.update(
      INDEX,
      this.providers.filter((id) => id !== provider.id),
    );
    await this.secrets.delete(SECRET + provider.id);
  }

  /** Gives the hub every key; how many it took. */
  async offer(): Promise<number> {
    if (this.edge.connection.state !== "connected") return 0;
    const credentials: OfferedCredential[] = [];
    for (const id of this.providers) {
      const kept = parse(await this.secrets.get(SECRET + id));
      if (kept === undefined) continue;
      credentials.push({ provider: id, label: "vscode", value: kept.value, base_url: kept.baseUrl, origin: "editor" });
    }
    if (credentials.length === 0) return 0;
    try {
      return (await this.edge.call("credentials/offer", { credentials })).accepted;
    } catch (failure) {
      this.log.warn(`keys were not handed over: ${failure instanceof Error ? failure.message : "refused"}`);
      return 0;
    }
  }

  dispose(): void {
    for (const one of this.subscriptions) one.dispose();
  }

  private get providers(): string[] {
    return this.memory.get<string[]>(INDEX, []);
  }

  private async choose(providers: Provider[], title: string): Promise<Provider | undefined> {
    const items = providers.map((provider) => ({ label: nameOf(provider), description: provider.id, provider }));
    return (await vscode.window.showQuickPick(items, { title, ignoreFocusOut: true }))?.provider;
  }
}

function nameOf(provider: Provider): string {
  return provider.name || vscode.l10n.t("OpenAI-compatible endpoint");
}

/** Empty for the provider's own address; undefined when the user gave up. */
async function addressFor(provider: Provider): Promise<string | undefined> {
  if (provider.address === "none") return "";
  const required = provider.address === "required";
  return await vscode.window.showInputBox({
    title: vscode.l10n.t("Address of {0}", nameOf(provider)),
    prompt: required
      ? vscode.l10n.t("For example http://127.0.0.1:8000/v1")
      : vscode.l10n.t("Empty for the provider's own"),
    ignoreFocusOut: true,
    validateInput: (text) => {
      if (text.trim() === "") return required ? vscode.l10n.t("An address is needed.") : undefined;
      return /^https?:\/\/\S+$/.test(text.trim()) ? undefined : vscode.l10n.t("It begins with http:// or https://.");
    },
  });
}

function parse(text: string | undefined): Kept | undefined {
  if (text === undefined) return undefined;
  const value: unknown = JSON.parse(text);
  if (typeof value !== "object" || value === null || !("value" in value) || typeof value.value !== "string")
    return undefined;
  const baseUrl = "baseUrl" in value && typeof value.baseUrl === "string" ? value.baseUrl : null;
  return { value: value.value, baseUrl };
}
