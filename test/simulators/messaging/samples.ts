import type { PlatformEvent } from "../../../src/core/event.ts";
import type { DeliveryId } from "../../../src/core/ids.ts";

/** One webhook and what it is in our words; words ours, shapes theirs. */
export interface Sample {
  readonly payload: object;
  readonly events: readonly PlatformEvent[];
}

export const samplesReadAt = Date.parse("2026-06-01T12:00:00Z");
export const self = "106195825075770";
export const person = "1254459154682919";
const at = samplesReadAt - 60_000;
const mid = "m_1457764197618";
const token = `ms_${"0".repeat(22)}:1`;
const delivery = "dl_0123456789abcdefghjkmn" as DeliveryId;

const base = { chat: { id: person, kind: "direct" }, sender: { id: person, bot: false, self: false }, at } as const;
const said = { ...base, kind: "message", key: mid, platformId: mid, addressed: true } as const;
const words = (text: string) => [{ type: "text", text, markup: "plain" }] as const;

export function webhook(
  object: "page" | "instagram",
  what: object,
  from: { sender?: string; recipient?: string; entry?: string; timestamp?: number } = {},
): object {
  const { sender = person, recipient = self, entry = self, timestamp = at } = from;
  return {
    object,
    entry: [{ id: entry, time: at, messaging: [{ sender: { id: sender }, recipient: { id: recipient }, timestamp, ...what }] }],
  };
}

const byUs = { sender: self, recipient: person };
const url = "https://scontent.xx.fbcdn.net/v/t1.15752-9/1.png?oh=1";

/**
 * What both send: https://developers.facebook.com/documentation/business-messaging/messenger-platform/webhooks/webhook-events and the pages below
 * it, https://developers.facebook.com/documentation/business-messaging/instagram-messaging/webhooks.
 */
export function samplesOf(object: "page" | "instagram"): Readonly<Record<string, Sample>> {
  const name = object === "page" ? "Messenger" : "Instagram";
  const of = (what: object, events: readonly PlatformEvent[], from = {}): Sample => ({ payload: webhook(object, what, from), events });
  return {
    "a text": of({ message: { mid, text: "hello, world!" } }, [{ ...said, parts: words("hello, world!") }]),
    "a reply": of({ message: { mid, text: "that one", reply_to: { mid: "m_ours", is_self_reply: false } } }, [
      { ...said, parts: words("that one"), replyTo: "m_ours" },
    ]),
    "a reply to a story": of({ message: { mid, text: "nice", reply_to: { story: { url, id: "17" } } } }, [
      { ...said, parts: words("nice") },
    ]),
    "a quick reply": of({ message: { mid, text: "Red", quick_reply: { payload: token } } }, [{ ...base, kind: "press", key: mid, token }]),
    "a quick reply of somebody else's": of({ message: { mid, text: "Red", quick_reply: { payload: "PICKED_RED" } } }, [
      { ...said, parts: words("Red") },
    ]),
    "a postback": of({ postback: { mid, title: "Yes", payload: token } }, [{ ...base, kind: "press", key: mid, token }]),
    "an icebreaker": of({ postback: { mid, title: "Where are you?", payload: "WHERE" } }, [{ ...said, parts: words("Where are you?") }]),
    "a postback without a mid": of({ postback: { title: "Get Started", payload: "START" } }, [
      { ...said, key: `${person}:${at}:postback`, platformId: `${person}:${at}:postback`, parts: words("Get Started") },
    ]),
    attachments: of(
      { message: { mid, attachments: ["image", "audio", "video", "file"].map((type) => ({ type, payload: { url: `${url}&${type}` } })) } },
      [
        {
          ...said,
          parts: (["image", "audio", "video", "file"] as const).map((type) => ({
            type,
            source: { at: "platform" as const, ref: `${url}&${type}` },
          })),
        },
      ],
    ),
    "a sticker": of({ message: { mid, attachments: [{ type: "sticker", payload: { url, sticker_id: 369239263222822 } }] } }, [
      { ...said, parts: [{ type: "image", source: { at: "platform", ref: url } }] },
    ]),
    "something shared": of(
      { message: { mid, attachments: [{ type: "ig_post", payload: { title: "Our lamp", url: "https://www.instagram.com/p/1" } }] } },
      [{ ...said, parts: words("[ig post] Our lamp https://www.instagram.com/p/1") }],
    ),
    "a fallback without anything": of({ message: { mid, attachments: [{ type: "fallback" }] } }, []),
    "what isn't passed on": of({ message: { mid, is_unsupported: true } }, [
      { ...said, parts: words(`[message that ${name} doesn't pass on]`) },
    ]),
    "a message taken back": of({ message: { mid, is_deleted: true } }, [
      { ...base, kind: "delete", key: `${mid}:deleted`, platformId: mid },
    ]),
    "an edit": of({ message_edit: { mid, text: "hello, all!", num_edit: "2" } }, [
      { ...base, kind: "edit", key: `${mid}:edit:2`, platformId: mid, parts: words("hello, all!") },
    ]),
    "a reaction": of({ reaction: { mid, action: "react", reaction: "love", emoji: "❤️" } }, [
      { ...base, kind: "reaction", key: `${mid}:${person}:${at}:react`, platformId: mid, reactions: ["❤️"] },
    ]),
    "a reaction taken away": of({ reaction: { mid, action: "unreact" } }, [
      { ...base, kind: "reaction", key: `${mid}:${person}:${at}:unreact`, platformId: mid, reactions: [] },
    ]),
    "delivered messages": of({ delivery: { mids: ["m_1", "m_2"], watermark: at } }, [
      { ...base, kind: "receipt", key: "m_1:delivered", platformId: "m_1", state: "delivered" },
      { ...base, kind: "receipt", key: "m_2:delivered", platformId: "m_2", state: "delivered" },
    ]),
    "a read message": of({ read: { mid: "m_1" } }, [{ ...base, kind: "receipt", key: "m_1:read", platformId: "m_1", state: "read" }]),
    "read up to a time": of({ read: { watermark: at } }, []),
    "an echo of ours": of(
      { message: { mid, is_echo: true, app_id: 1, metadata: delivery, text: "hi" } },
      [{ ...base, kind: "receipt", key: `${mid}:accepted`, platformId: mid, state: "accepted", delivery }],
      byUs,
    ),
    "an echo of somebody else's": of({ message: { mid, is_echo: true, metadata: "theirs", text: "hi" } }, [], byUs),
    "our own edit": of({ message_edit: { mid, text: "x", num_edit: 1 } }, [], byUs),
    "a referral": of({ referral: { ref: "x", source: "SHORTLINK", type: "OPEN_THREAD" } }, []),
    "another account": of({ message: { mid, text: "hi" } }, [], { entry: "999" }),
    "no message in it": of({ message: { mid: 7 } }, []),
    "a comment": { payload: { object, entry: [{ id: self, time: at, changes: [{ field: "comments", value: { id: "1" } }] }] }, events: [] },
    "another app has it": {
      payload: {
        object,
        entry: [
          {
            id: self,
            time: at,
            standby: [{ sender: { id: person }, recipient: { id: self }, timestamp: at, message: { mid, text: "hi" } }],
          },
        ],
      },
      events: [],
    },
  };
}
