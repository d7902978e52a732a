import { readSpec, startSlackSimulator } from "../../../simulators/slack.ts";
import { common, many, standOf } from "../stand.ts";

export default standOf(80, async (count) => {
  const simulator = await startSlackSimulator({ spec: readSpec() });
  const chats = many(count, (index) => `D0CHAT${index}`);
  for (const chat of chats) simulator.channel(chat);
  return {
    ...{ chats, violations: simulator.violations },
    account: { ...common, botToken: simulator.botToken, appToken: simulator.appToken, apiRoot: simulator.url },
    say: (chat, text) => void simulator.say(chat, `U${chat}`, text),
    seen: (chat) => simulator.seen(chat).map(({ text }) => text),
    disturb() {
      simulator.arrange({ kind: "limit", seconds: 1 });
      simulator.arrange({ kind: "proxy", status: 503, after: true });
      simulator.arrange({ kind: "cut" });
      simulator.cutSockets();
      return { whole: 1 };
    },
    close: () => simulator.close(),
  };
});
