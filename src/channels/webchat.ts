import { z } from "zod";
import { defineChannel } from "../core/channel.ts";
import type { ChannelTranslation } from "../core/channel-translation.ts";
import { ok } from "../core/errors.ts";
import { markdown } from "../dialects/markdown.ts";

export interface Settings {
  readonly title: string;
  readonly greeting?: string | undefined;
}

const german: ChannelTranslation = {
  name: "Web-Chat",
  summary: "Eine Chat-Seite dieses Gateways, und ein Widget, das jede Website mit einem Script-Tag einbetten kann.",
  guide: `
1. Speichern: dann ist die Chat-Seite unter \`/chat\` dieses Gateways, oder unter \`/chat/<Konto>\`, wenn es mehrere gibt.
2. Um ihn in eine andere Website einzubetten, deren Origin (\`https://www.example.com\`) zur Einstellung \`http.origins\` hinzufügen, und
   diese Zeile zu ihren Seiten: \`<script src="https://<dieses Gateway>/widget.js" data-account="<Konto>" defer></script>\`.
`.trim(),
  settings: {
    title: ["Titel", "Der Name über dem Chat."],
    greeting: ["Begrüßung", "Was ein Besucher vor der ersten Nachricht liest; einfacher Text."],
  },
};

/**
 * The gateway's own chat page and the widget for other sites. There is no platform outside: a message is sent once it is
 * stored, visitors read it from the store and from the live feed (src/http/webchat.ts, which also takes what they write).
 */
export default defineChannel<Settings>({
  kind: "webchat",
  name: "Web chat",
  summary: "A chat page of this gateway, and a widget that any web site can embed with one script tag.",
  settings: z.strictObject({
    title: z.string().min(1).max(60).default("Assistant").describe("The name above the chat."),
    greeting: z.string().max(1_000).optional().describe("What a visitor reads before the first message; plain text."),
  }),
  dialect: markdown,
  limits: {
    text: { max: 60_000, unit: "utf16", counts: "sent" },
    rate: { account: 10_000, conversation: 1_000 },
    buttons: { count: 50, label: 200 },
  },
  // The operator puts it on a page, or doesn't.
  access: { direct: "open" },
  idempotent: true,
  guide: `
1. Save: the chat page is then at \`/chat\` of this gateway, or at \`/chat/<account>\` when there are several.
2. To embed it in another site, add the site's origin (\`https://www.example.com\`) to the setting \`http.origins\`, and this
   line to its pages: \`<script src="https://<this gateway>/widget.js" data-account="<account>" defer></script>\`.
`.trim(),
  translations: { de: german },

  async probe(account) {
    return ok({ id: account.id, name: account.settings.title });
  },

  async send(_account, { delivery }) {
    return { kind: "sent", receipt: delivery };
  },
});
