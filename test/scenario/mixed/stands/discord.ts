import { startDiscordSimulator } from "../../../simulators/discord.ts";
import { common, many, standOf } from "../stand.ts";

export default standOf(80, async (count) => {
  const simulator = await startDiscordSimulator();
  const chats = many(count, (index) => String(600_000_000_000_000_000n + BigInt(index)));
  for (const chat of chats) simulator.channel(chat);
  return {
    ...{ chats, violations: simulator.violations, exact: true },
    account: { ...common, botToken: simulator.token, apiRoot: simulator.url },
    say: (chat, text) => void simulator.say(chat, `5${chat.slice(1)}`, text),
    seen: (chat) => simulator.seen(chat).map(({ content }) => content),
    disturb() {
      simulator.arrange({ kind: "limit", seconds: 0.5 });
      simulator.arrange({ kind: "proxy", status: 502, after: true });
      simulator.arrange({ kind: "cut" });
      return { whole: 1 };
    },
    close: () => simulator.close(),
  };
});
