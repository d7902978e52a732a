import { startXmppSimulator } from "../../../simulators/xmpp.ts";
import { common, many, standOf } from "../stand.ts";

export default standOf(40, async (count) => {
  const simulator = await startXmppSimulator();
  simulator.password = "a-password-of-the-tests";
  return {
    ...{ chats: many(count, (index) => `p${index}@localhost`), violations: simulator.violations },
    account: { ...common, jid: "polly@localhost", password: simulator.password, server: `plain://127.0.0.1:${simulator.port}` },
    say: (chat, text) => void simulator.say(`${chat}/phone`, text),
    seen: (chat) => simulator.seen(chat),
    disturb() {
      simulator.faults.push("wait:resource-constraint", "do-and-cut");
      return { whole: 1 };
    },
    close: () => simulator.close(),
  };
});
