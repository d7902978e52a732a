import { startTeamsSimulator } from "../../../simulators/teams.ts";
import { common, many, standOf } from "../stand.ts";

export default standOf(70, async (count, hooks) => {
  const simulator = await startTeamsSimulator();
  simulator.requestUrl = `${hooks}/teams`;
  return {
    ...{ chats: many(count, (index) => `a:chat-${index}`), violations: simulator.violations },
    account: { ...common, ...simulator.settings },
    async say(chat, text) {
      await simulator.say(chat, `29:${chat}`, text);
    },
    seen: (chat) => simulator.seen(chat).map(({ text }) => text),
    disturb() {
      simulator.arrange({ kind: "cut" });
      simulator.arrange({ kind: "cut", after: true });
      return { whole: 1 };
    },
    close: () => simulator.close(),
  };
});
