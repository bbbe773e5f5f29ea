// Markdown of a model, a tool or a file: hostile. No HTML, no image is fetched, links only where a browser may go.

import ReactMarkdown, { type Components } from "react-markdown";
import remarkGfm from "remark-gfm";
import { tShared } from "@/text/shared";
import { Code } from "./code/Code";
import { VisuallyHidden } from "./Layout";

const SAFE = /^(https?:|mailto:)/i;

function External({ href, children }: { href: string | undefined; children: React.ReactNode }): React.JSX.Element {
  if (href === undefined || !SAFE.test(href)) return <span>{children}</span>;
  return (
    <a href={href} target="_blank" rel="noopener noreferrer nofollow" title={href}>
      {children}
      <VisuallyHidden> {tShared("external")}</VisuallyHidden>
    </a>
  );
}

const COMPONENTS: Components = {
  a: ({ href, children }) => <External href={href}>{children}</External>,
  img: ({ src, alt }) => (
    <External href={typeof src === "string" ? src : undefined}>{tShared("image", { alt: alt ?? "" })}</External>
  ),
  // Headings of a text are no headings of the page.
  h1: ({ children }) => <h4>{children}</h4>,
  h2: ({ children }) => <h4>{children}</h4>,
  h3: ({ children }) => <h4>{children}</h4>,
  input: ({ checked }) => <span>{checked === true ? "☑ " : "☐ "}</span>,
  pre: ({ children }) => <pre tabIndex={0}>{children}</pre>,
  code: ({ className, children }) => {
    const language = /language-([\w+#-]+)/.exec(className ?? "")?.[1];
    const text = typeof children === "string" ? children : "";
    if (language === undefined || text === "") return <code>{children}</code>;
    return <Code text={text.replace(/\n$/, "")} language={language} bare />;
  },
};

const PLUGINS = [remarkGfm];

export default function MarkdownText({ text }: { text: string }): React.JSX.Element {
  return (
    <ReactMarkdown components={COMPONENTS} remarkPlugins={PLUGINS} skipHtml urlTransform={(url) => url}>
      {text}
    </ReactMarkdown>
  );
}
