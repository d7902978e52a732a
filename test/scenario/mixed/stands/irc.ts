import { startIrcSimulator } from "../../../simulators/irc.ts";
import { common, many, standOf } from "../stand.ts";

/** Its conversations are channels. */
export default standOf(60, async (count) => {
  const simulator = await startIrcSimulator();
  simulator.caps = ["message-tags", "server-time", "account-tag", "echo-message", "labeled-response", "batch", "draft/chathistory"];
  const chats = many(count, (index) => `#room${index}`);
  return {
    ...{ chats, violations: simulator.violations },
    account: {
      ...{ server: `irc://127.0.0.1:${simulator.port}`, nick: "polly", channels: chats, lineMs: 0 },
      ...{ ...common, access: { groups: chats } },
    },
    say: (chat, text) => simulator.sayOnceHeard("ada", chat, `polly: ${text}`),
    // An answer has several lines, one of which holds the word.
    seen: (chat) => simulator.seen.flatMap(({ target, text }) => (target === chat && text.includes("word-") ? [text] : [])),
    disturb() {
      simulator.faults.push({ on: "PRIVMSG", what: "do-and-cut" });
      return { whole: 1 };
    },
    close: () => simulator.close(),
  };
});
