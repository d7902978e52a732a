import type { Root } from "mdast";

/** A platform's markup. One renderer each, shared by the channels that speak it. Pure. */
export interface Dialect {
  readonly name: string;
  /** Renders a Markdown tree; nothing of the text is left unescaped, what the markup lacks degrades to readable text. */
  render(tree: Root): Rendered;
}

export interface Rendered {
  /** What is sent. */
  readonly text: string;
  /** What the reader sees of it, for platforms that count only that; also the fallback where markup is refused. */
  readonly visible: string;
}

/** How a platform counts the length of a text. */
export interface TextLimit {
  readonly max: number;
  readonly unit: "utf16" | "code-point" | "byte";
  /** Whether markup counts (`sent`) or only what is seen (`visible`). */
  readonly counts: "sent" | "visible";
  /** Lines of it at most, where each line is a message to the platform. */
  readonly lines?: number;
}
