import { idOf, startMattermostSimulator } from "../../../simulators/mattermost.ts";
import { common, many, standOf } from "../stand.ts";

export default standOf(70, async (count) => {
  const simulator = await startMattermostSimulator();
  const chats = many(count, (index) => idOf("chat", index));
  for (const chat of chats) simulator.channel(chat);
  return {
    ...{ chats, violations: simulator.violations },
    account: { ...common, server: simulator.url, token: simulator.token },
    say: (chat, text) => void simulator.say(chat, idOf("ann"), text),
    seen: (chat) => simulator.seen(chat).map(({ message }) => message),
    disturb() {
      simulator.arrange({ kind: "limit", seconds: 1 });
      simulator.arrange({ kind: "cut" });
      simulator.arrange({ kind: "cut", after: true });
      return { whole: 1 };
    },
    close: () => simulator.close(),
  };
});
