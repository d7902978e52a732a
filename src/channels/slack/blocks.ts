import type { DeliveryContent } from "../../core/delivery.ts";
import { escapeMrkdwn } from "../../dialects/slack-mrkdwn.ts";

/** Characters of a section's text, and so of a message of ours: one section each. https://docs.slack.dev/reference/block-kit/blocks/section-block */
export const maxText = 3_000;

/**
 * The words in one section, the buttons under it, a row of them each. A text without markup goes as `plain_text`, in which every letter
 * is a letter; `verbatim` keeps Slack from finding names and channels in the rest.
 */
export function blocksOf({ text, visible, buttons }: DeliveryContent): readonly object[] {
  const plain = text === escapeMrkdwn(visible) && !/https?:\/\//.test(visible) && visible.length <= maxText;
  const words = plain ? { type: "plain_text", text: visible, emoji: false } : { type: "mrkdwn", text, verbatim: true };
  const rows = (buttons ?? []).flatMap((row) => chunks(row, 25));
  return [
    ...(text.trim() === "" ? [] : [{ type: "section", text: words, expand: true }]),
    ...rows.map((row) => ({
      type: "actions",
      elements: row.map(({ label, token, url }) => ({
        type: "button",
        // Its address is all a link button needs; without a value its press says nothing.
        action_id: token,
        text: { type: "plain_text", text: label, emoji: true },
        ...(url === undefined ? { value: token } : { url }),
      })),
    })),
  ];
}

function chunks<Item>(items: readonly Item[], size: number): (readonly Item[])[] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, index) => items.slice(index * size, (index + 1) * size));
}
