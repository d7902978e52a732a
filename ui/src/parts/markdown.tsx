import { Fragment, memo, type ReactNode } from "react";
import { words } from "../words/words.ts";
import { classes } from "./classes.ts";
import { type MarkdownNode, markdownTree, safeAddress } from "./markdown-tree.ts";
import { Scroller } from "./scroller.tsx";

/**
 * Markdown as React elements, for text that nobody vouches for: raw HTML is shown as text, images become links, links
 * lead to the web or a mailbox or nowhere.
 */
export const Markdown = memo(function Markdown({ text, className }: { readonly text: string; readonly className?: string }) {
  const tree = markdownTree(text);
  if (!tree) {
    return (
      <div dir="auto" className={classes("whitespace-pre-wrap", className)}>
        {text}
      </div>
    );
  }
  return (
    <div dir="auto" className={classes("grid min-w-0 gap-2.5 *:min-w-0", className)}>
      {drawAll(tree)}
    </div>
  );
});

function drawAll(nodes: readonly MarkdownNode[]): ReactNode {
  // biome-ignore lint/suspicious/noArrayIndexKey: a text has no other names for its pieces
  return nodes.map((node, index) => <Fragment key={index}>{draw(node)}</Fragment>);
}

function draw({ token, children }: MarkdownNode): ReactNode {
  switch (token.type) {
    case "paragraph_open":
      // In a list without blank lines the parser hides the paragraphs.
      return token.hidden ? drawAll(children) : <p dir="auto">{drawAll(children)}</p>;
    case "heading_open":
      // No heading of the page: a message must not rearrange its outline.
      return <p className={classes("font-semibold", (token.tag === "h1" || token.tag === "h2") && "text-lead")}>{drawAll(children)}</p>;
    case "inline":
      return drawAll(children);
    case "text":
    case "html_inline":
    case "html_block":
      return token.content;
    case "em_open":
      return <em>{drawAll(children)}</em>;
    case "strong_open":
      return <strong className="font-semibold">{drawAll(children)}</strong>;
    case "s_open":
      return <del>{drawAll(children)}</del>;
    case "code_inline":
      return <code className="rounded bg-sunken px-1 py-0.5 font-mono text-[0.9em]">{token.content}</code>;
    case "fence":
    case "code_block":
      return <CodeBlock text={token.content.replace(/\n$/, "")} />;
    case "softbreak":
    case "hardbreak":
      return <br />;
    case "hr":
      return <hr className="border-line" />;
    case "blockquote_open":
      return <blockquote className="grid gap-2 border-edge border-l-2 pl-3 text-soft">{drawAll(children)}</blockquote>;
    case "bullet_list_open":
      return <ul className="grid list-disc gap-1 pl-5 marker:text-faint">{drawAll(children)}</ul>;
    case "ordered_list_open":
      return (
        <ol start={Number(token.attrGet("start") ?? 1)} className="grid list-decimal gap-1 pl-6 marker:text-faint">
          {drawAll(children)}
        </ol>
      );
    case "list_item_open":
      return (
        <li>
          <div className="inline-grid max-w-full gap-1 align-top">
            <div>{drawAll(children)}</div>
          </div>
        </li>
      );
    case "link_open":
      return <SafeLink url={String(token.attrGet("href") ?? "")}>{drawAll(children)}</SafeLink>;
    case "image":
      return <SafeLink url={String(token.attrGet("src") ?? "")}>{words.messages.image(token.content)}</SafeLink>;
    case "table_open":
      return <Table>{drawAll(children)}</Table>;
    case "thead_open":
      return <thead className="bg-sunken text-left">{drawAll(children)}</thead>;
    case "tbody_open":
      return <tbody>{drawAll(children)}</tbody>;
    case "tr_open":
      return <tr className="border-line not-first:border-t">{drawAll(children)}</tr>;
    case "th_open":
      return (
        <th scope="col" className="px-2.5 py-1.5 font-semibold">
          {drawAll(children)}
        </th>
      );
    case "td_open":
      return <td className="px-2.5 py-1.5 align-top">{drawAll(children)}</td>;
    default:
      return token.content;
  }
}

function SafeLink({ url, children }: { readonly url: string; readonly children: ReactNode }) {
  const address = safeAddress(url);
  if (!address) return <span>{children}</span>;
  return (
    <a
      href={address}
      title={address}
      target="_blank"
      rel="noopener noreferrer nofollow"
      className="text-accent-ink underline decoration-1 underline-offset-2 hover:decoration-2"
    >
      {children}
    </a>
  );
}

function CodeBlock({ text }: { readonly text: string }) {
  return (
    <Scroller label={words.messages.code} className="overflow-x-auto rounded-control bg-sunken px-3 py-2.5">
      <pre dir="ltr" className="font-mono text-row">
        <code>{text}</code>
      </pre>
    </Scroller>
  );
}

function Table({ children }: { readonly children: ReactNode }) {
  return (
    <Scroller label={words.messages.table} className="overflow-x-auto rounded-control border border-line">
      <table className="w-full border-collapse text-row">{children}</table>
    </Scroller>
  );
}
