import { Fragment, memo, type ReactNode } from "react";
import { words } from "../words/words.ts";
import { classes } from "./classes.ts";
import { type MarkdownNode, markdownTree, safeAddress } from "./markdown-tree.ts";
import { Scroller } from "./scroller.tsx";

interface MarkdownProps {
  readonly text: string;
  /** It is still being written: a mark that is open at the end is taken as closed. */
  readonly draft?: boolean;
  readonly className?: string;
  /** What stands below an item of a numbered list, by its number. */
  readonly behindItem?: BehindItem;
}

type BehindItem = (number: number) => ReactNode;

/**
 * Markdown as React elements, for text that nobody vouches for: raw HTML is shown as text, images become links, links
 * lead to the web or a mailbox or nowhere.
 */
export const Markdown = memo(function Markdown({ text, draft = false, className, behindItem }: MarkdownProps) {
  const tree = markdownTree(text, draft);
  if (!tree) {
    return (
      <div dir="auto" className={classes("whitespace-pre-wrap", className)}>
        {text}
      </div>
    );
  }
  return (
    <div dir="auto" className={classes("grid min-w-0 gap-2.5 *:min-w-0", className)}>
      {drawAll(tree, behindItem)}
    </div>
  );
});

function drawAll(nodes: readonly MarkdownNode[], behindItem?: BehindItem): ReactNode {
  // biome-ignore lint/suspicious/noArrayIndexKey: a text has no other names for its pieces
  return nodes.map((node, index) => <Fragment key={index}>{draw(node, behindItem)}</Fragment>);
}

function draw(node: MarkdownNode, behindItem?: BehindItem): ReactNode {
  if (typeof node === "string") return node;
  switch (node.tag) {
    case "p":
      return <p dir="auto">{drawAll(node.children)}</p>;
    case "heading":
      // No heading of the page: a message must not rearrange its outline.
      return <p className={classes("font-semibold", (node.level ?? 1) <= 2 && "text-lead")}>{drawAll(node.children)}</p>;
    case "em":
      return <em>{drawAll(node.children)}</em>;
    case "strong":
      return <strong className="font-semibold">{drawAll(node.children)}</strong>;
    case "del":
      return <del>{drawAll(node.children)}</del>;
    case "span":
      return <span>{drawAll(node.children)}</span>;
    case "code":
      return <code className="rounded bg-sunken px-1 py-0.5 font-mono text-[0.9em]">{node.text}</code>;
    case "pre":
      return <CodeBlock text={node.text} />;
    case "br":
      return <br />;
    case "hr":
      return <hr className="border-line" />;
    case "blockquote":
      return <blockquote className="grid gap-2 border-edge border-l-2 pl-3 text-soft">{drawAll(node.children)}</blockquote>;
    case "ul":
      return <ul className="grid list-disc gap-1 pl-5 marker:text-faint">{drawAll(node.children)}</ul>;
    case "ol":
      return (
        <ol start={node.start} className="grid list-decimal gap-1 pl-6 marker:text-faint">
          {node.children.map((item, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: as above
            <Fragment key={index}>{drawItem(item, behindItem?.((node.start ?? 1) + index))}</Fragment>
          ))}
        </ol>
      );
    case "li":
      return drawItem(node);
    case "a":
      return <SafeLink url={node.href ?? ""}>{node.image ? words.messages.image(textOf(node.children)) : drawAll(node.children)}</SafeLink>;
    case "table":
      return (
        <Table>
          <thead className="bg-sunken text-left">{draw(node.head)}</thead>
          <tbody>{drawAll(node.rows)}</tbody>
        </Table>
      );
    case "tr":
      return <tr className="border-line not-first:border-t">{drawAll(node.children)}</tr>;
    case "th":
      return (
        <th scope="col" className="px-2.5 py-1.5 font-semibold">
          {drawAll(node.children)}
        </th>
      );
    case "td":
      return <td className="px-2.5 py-1.5 align-top">{drawAll(node.children)}</td>;
  }
}

function drawItem(node: MarkdownNode, behind?: ReactNode): ReactNode {
  if (typeof node === "string" || node.tag !== "li") return draw(node);
  return (
    <li>
      <div className="inline-grid max-w-full gap-1 align-top">
        <div>
          {node.checked !== undefined && (node.checked ? "☑ " : "☐ ")}
          {drawAll(node.children)}
        </div>
      </div>
      {behind}
    </li>
  );
}

function textOf(nodes: readonly MarkdownNode[]): string {
  return nodes
    .map((node) => (typeof node === "string" ? node : "children" in node ? textOf(node.children) : "text" in node ? node.text : ""))
    .join("");
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
