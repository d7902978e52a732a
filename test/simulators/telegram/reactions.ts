import { bad, type Outcome, type Values } from "./outcome.ts";
import type { Chat, Json, World } from "./world.ts";

/** What a bot may react with, each as the page has it. https://core.telegram.org/bots/api#reactiontypeemoji */
const allowed = (
  "❤ 👍 👎 🔥 🥰 👏 😁 🤔 🤯 😱 🤬 😢 🎉 🤩 🤮 💩 🙏 👌 🕊 🤡 🥱 🥴 😍 🐳 ❤‍🔥 🌚 🌭 💯 🤣 ⚡ 🍌 🏆 💔 🤨 😐 🍓 🍾 💋 🖕 😈 😴 😭 🤓 👻 " +
  "👨‍💻 👀 🎃 🙈 😇 😨 🤝 ✍ 🤗 🫡 🎅 🎄 ☃ 💅 🤪 🗿 🆒 💘 🙉 🦄 😘 💊 🙊 😎 👾 🤷‍♂ 🤷 🤷‍♀ 😡"
).split(" ");

/** https://core.telegram.org/bots/api#setmessagereaction: a bot has one reaction on a message; an empty list takes it away. */
export function reactTo(chat: Chat, values: Values): Outcome {
  const message = chat.messages.get(Number(values.message_id));
  if (!message) return bad("message to react not found");
  const given = (values.reaction ?? []) as readonly Json[];
  if (given.length > 1) return bad("REACTIONS_TOO_MANY");
  const [emoji] = given.map((one) => String(one.emoji));
  if (emoji !== undefined && !allowed.includes(emoji)) return bad("REACTION_INVALID");
  if (emoji === undefined) delete message.reaction;
  else message.reaction = emoji;
  return { result: true, effect: { chat: chat.id, message: message.id, text: emoji ?? "" } };
}

/** https://core.telegram.org/bots/api#deletemessage */
export function deleteMessage(world: World, chat: Chat, values: Values): Outcome {
  const message = chat.messages.get(Number(values.message_id));
  if (!message) return bad("message to delete not found");
  const old = Date.now() / 1000 - message.at > 48 * 3600;
  if (old || (chat.type !== "private" && message.from !== world.bot.id)) return bad("message can't be deleted");
  chat.messages.delete(message.id);
  return { result: true, effect: { chat: chat.id, message: message.id } };
}
