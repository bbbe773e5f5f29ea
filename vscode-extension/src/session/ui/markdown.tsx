// What a model wrote, with the few marks of Markdown that matter. Everything is text: no link is followed, no image is
// loaded and no HTML is let through, because a model's words are not to be trusted.

import type { ComponentChild, JSX } from "preact";

export type Block =
  | { kind: "code"; language: string; text: string }
  | { kind: "heading"; text: string }
  | { kind: "item"; depth: number; mark: string; text: string }
  | { kind: "paragraph"; text: string };

/** Cuts into blocks; a fence that is not closed yet (the text still streams) reaches to the end. */
export function blocksOf(source: string): Block[] {
  const reader = new Reader();
  for (const line of source.split("\n")) reader.take(line);
  return reader.end();
}

class Reader {
  private readonly blocks: Block[] = [];
  private code: { fence: string; language: string; lines: string[] } | undefined;
  private paragraph: string[] = [];

  take(line: string): void {
    if (this.code !== undefined) {
      if (line.trim() === this.code.fence) this.endCode();
      else this.code.lines.push(line);
      return;
    }
    const fence = /^\s*(`{3,}|~{3,})\s*([\w+-]*)\s*$/.exec(line);
    const block = fence === null ? single(line) : undefined;
    if (fence === null && block === undefined && line.trim() !== "") {
      this.paragraph.push(line);
      return;
    }
    this.endParagraph();
    if (fence !== null) this.code = { fence: fence[1] ?? "", language: fence[2] ?? "", lines: [] };
    if (block !== undefined) this.blocks.push(block);
  }

  end(): Block[] {
    this.endParagraph();
    this.endCode();
    return this.blocks;
  }

  private endParagraph(): void {
    if (this.paragraph.length > 0) this.blocks.push({ kind: "paragraph", text: this.paragraph.join("\n") });
    this.paragraph = [];
  }

  private endCode(): void {
    if (this.code === undefined) return;
    this.blocks.push({ kind: "code", language: this.code.language, text: this.code.lines.join("\n") });
    this.code = undefined;
  }
}

function single(line: string): Block | undefined {
  const heading = /^#{1,6}\s+(.*)$/.exec(line);
  if (heading !== null) return { kind: "heading", text: heading[1] ?? "" };
  const item = /^(\s*)([-*+]|\d{1,4}[.)])\s+(.*)$/.exec(line);
  if (item === null) return undefined;
  const [, indent = "", mark = "", text = ""] = item;
  return { kind: "item", depth: Math.min(4, Math.floor(indent.length / 2)), mark: /\d/.test(mark) ? mark : "•", text };
}

export function Markdown({ source }: { source: string }): JSX.Element {
  return <div class="markdown">{blocksOf(source).map(block)}</div>;
}

function block(one: Block, index: number): JSX.Element {
  switch (one.kind) {
    case "code":
      return (
        <pre key={index}>
          <code>{one.text}</code>
        </pre>
      );
    case "heading":
      return (
        <h4 key={index} class="heading">
          {inline(one.text)}
        </h4>
      );
    case "item":
      return (
        <div key={index} class={`item depth-${one.depth}`}>
          <span class="mark">{one.mark}</span>
          <span>{inline(one.text)}</span>
        </div>
      );
    case "paragraph":
      return <p key={index}>{inline(one.text)}</p>;
  }
}

function inline(source: string): ComponentChild[] {
  return source.split(/(`[^`\n]+`|\*\*[^*\n]+\*\*)/).map((part, index) => {
    if (part.startsWith("`") && part.length > 2) return <code key={index}>{part.slice(1, -1)}</code>;
    if (part.startsWith("**") && part.length > 4) return <strong key={index}>{part.slice(2, -2)}</strong>;
    return part;
  });
}
