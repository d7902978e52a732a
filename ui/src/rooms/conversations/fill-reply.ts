import type { Schemas } from "../../api/client.ts";

/** What stands for each variable in this conversation; absent: nobody knows. */
export type ReplyValues = Readonly<Record<string, string | undefined>>;

const variable = /\{\{\s*([^{}]*?)\s*\}\}/g;

/** The reply as it would be sent. A variable that nothing stands for stays as it is written. */
export function fillReply(text: string, values: ReplyValues): string {
  return text.replace(variable, (whole, name: string) => (Object.hasOwn(values, name) ? (values[name] ?? whole) : whole));
}

/** Variables that still stand in what is about to be sent. */
export function openVariables(text: string): readonly string[] {
  return [...new Set([...text.matchAll(variable)].map(([whole]) => whole))];
}

/** Those whose name begins with the letters come before those that only hold them. */
export function matchReplies<Reply extends Pick<Schemas["CannedReply"], "name">>(
  replies: readonly Reply[],
  letters: string,
): readonly Reply[] {
  const wanted = letters.trim().toLowerCase();
  const rank = ({ name }: Reply) => name.toLowerCase().indexOf(wanted);
  return replies.filter((reply) => rank(reply) >= 0).toSorted((one, other) => Number(rank(one) > 0) - Number(rank(other) > 0));
}
