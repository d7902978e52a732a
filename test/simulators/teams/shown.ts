import MarkdownIt from "markdown-it";

const reader = new MarkdownIt({ html: true });

/** What people read of a message in Markdown. HTML in it would be shown, too, which is why a message of ours may have none. */
export function shown(markdown: string): string {
  return reader
    .render(markdown)
    .replace(/<br>\n?/g, "\n")
    .replace(/<\/(p|pre|blockquote|h\d)>\n?/g, "\n\n")
    .replace(/<[^>]*>/g, "")
    .replace(/&(lt|gt|amp|quot);/g, (_, name: "lt" | "gt" | "amp" | "quot") => ({ lt: "<", gt: ">", amp: "&", quot: '"' })[name])
    .replaceAll("\u00a0", " ")
    .replace(/\n{3,}/g, "\n\n")
    .trim();
}

export interface CardAction {
  readonly type?: string;
  readonly title?: string;
  readonly url?: string;
  readonly verb?: string;
  readonly data?: { readonly [key: string]: unknown };
  readonly fallback?: CardAction;
}

interface Card {
  readonly type?: string;
  readonly version?: string;
  readonly body?: readonly {
    readonly type?: string;
    readonly text?: string;
    readonly wrap?: boolean;
    readonly actions?: readonly CardAction[];
  }[];
}

/** https://adaptivecards.io/explorer: what makes a client show "This card couldn't be displayed". */
export function cardProblem(content: unknown): string | undefined {
  const { type, version = "", body } = content as Card;
  if (type !== "AdaptiveCard" || !/^1\.[0-5]$/.test(version) || !Array.isArray(body))
    return "no Adaptive Card of a version that Teams knows";
  for (const element of body as NonNullable<Card["body"]>) {
    if (element.type === "TextBlock" && !element.text) return "a TextBlock without text";
    if (element.type === "ActionSet" && !element.actions?.length) return "an ActionSet without actions";
    if (element.type !== "TextBlock" && element.type !== "ActionSet") return `an element of type ${element.type}`;
  }
  for (const action of actionsOf(content)) {
    if (!action.title) return "an action without a title";
    if (action.type === "Action.OpenUrl" && URL.canParse(action.url ?? "")) continue;
    if (action.type !== "Action.Execute") return `an action of type ${action.type}`;
    // Older clients know Action.Submit only, and a card of less than 1.4 may show them nothing else.
    const { fallback } = action;
    if (fallback?.type !== "Action.Submit" || !fallback.title || typeof fallback.data !== "object")
      return "Action.Execute without a fallback";
  }
  return undefined;
}

export function actionsOf(content: unknown): readonly CardAction[] {
  return ((content as Card | undefined)?.body ?? []).flatMap(({ actions }) => actions ?? []);
}

export function cardText(content: unknown): string {
  return shown(((content as Card | undefined)?.body ?? []).flatMap(({ text }) => text ?? []).join("\n\n"));
}
