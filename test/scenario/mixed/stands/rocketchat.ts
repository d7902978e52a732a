import { startRocketChatSimulator } from "../../../simulators/rocketchat.ts";
import { common, many, standOf } from "../stand.ts";

export default standOf(70, async (count) => {
  const simulator = await startRocketChatSimulator();
  const chats = many(count, (index) => `chat${index}`);
  for (const chat of chats) simulator.room(chat);
  return {
    ...{ chats, violations: simulator.violations, exact: true },
    account: { ...common, server: simulator.url, token: simulator.token, userId: simulator.bot },
    say: (chat, text) => void simulator.say(chat, "ann", text),
    seen: (chat) => simulator.seen(chat).map(({ msg }) => msg),
    disturb() {
      simulator.arrange({ kind: "limit", seconds: 1 });
      simulator.arrange({ kind: "cut" });
      simulator.arrange({ kind: "cut", after: true });
      return { whole: 1 };
    },
    close: () => simulator.close(),
  };
});
