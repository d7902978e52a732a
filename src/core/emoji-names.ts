/**
 * The names of the emoji that reactions are made of, as Slack, Mattermost and Rocket.Chat know them; a model's answer knows no others.
 * https://github.com/iamcal/emoji-data
 */
const names: Readonly<Record<string, string>> = {
  "👍": "+1",
  "👎": "-1",
  "❤": "heart",
  "🔥": "fire",
  "🎉": "tada",
  "👏": "clap",
  "🙏": "pray",
  "👌": "ok_hand",
  "👀": "eyes",
  "✅": "white_check_mark",
  "❌": "x",
  "⏳": "hourglass_flowing_sand",
  "💯": "100",
  "🤔": "thinking_face",
  "😀": "grinning",
  "😁": "grin",
  "😂": "joy",
  "😄": "smile",
  "😅": "sweat_smile",
  "😍": "heart_eyes",
  "😢": "cry",
  "😭": "sob",
  "😮": "open_mouth",
  "😱": "scream",
  "😡": "rage",
  "🙂": "slightly_smiling_face",
  "😉": "wink",
  "😎": "sunglasses",
  "🤝": "handshake",
  "👋": "wave",
  "💪": "muscle",
  "🚀": "rocket",
  "⭐": "star",
  "💡": "bulb",
  "⚠": "warning",
  "❓": "question",
  "❗": "exclamation",
  "🤖": "robot_face",
  "🤷": "shrug",
  "🙈": "see_no_evil",
};

/** An emoji, or a name in colons, as `reactions.add` wants it; nothing where it isn't known. */
export function emojiName(emoji: string): string | undefined {
  const named = /^:([a-z0-9_+'-]{1,100}):$/.exec(emoji)?.[1];
  return named ?? names[emoji.replace(/\ufe0f/g, "")];
}
