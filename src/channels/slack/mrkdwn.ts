/**
 * Slack's text as people read it: `<…>` sequences and entities become what they show.
 * https://docs.slack.dev/messaging/formatting-message-text#retrieving-messages
 */
export function readMrkdwn(text: string, self: { readonly id?: string | undefined; readonly name?: string | undefined } = {}): string {
  return text
    .replace(/<([^<>]*)>/g, (_, inside: string) => {
      const [target = "", label] = split(inside);
      if (target.startsWith("@"))
        return target.slice(1) === self.id && self.name ? self.name : `@${(label ?? target.slice(1)).replace(/^@/, "")}`;
      if (target.startsWith("#")) return `#${label || target.slice(1)}`;
      if (target.startsWith("!")) return special(target.slice(1), label);
      if (!label || label === target || `http://${label}` === target || `mailto:${label}` === target) return target.replace(/^mailto:/, "");
      return `${label} (${target})`;
    })
    .replace(/&(lt|gt|amp);/g, (_, name: "lt" | "gt" | "amp") => letters[name]);
}

const letters = { lt: "<", gt: ">", amp: "&" } as const;

/** `@here`, a group of users, a date in the reader's words. */
function special(command: string, label: string | undefined): string {
  if (label) return label;
  return `@${command.split("^")[0] ?? ""}`;
}

function split(inside: string): readonly [string, string?] {
  const at = inside.indexOf("|");
  return at < 0 ? [inside] : [inside.slice(0, at), inside.slice(at + 1)];
}
