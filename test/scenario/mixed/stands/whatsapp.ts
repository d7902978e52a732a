import { startWhatsAppSimulator } from "../../../simulators/whatsapp.ts";
import { common, many, standOf } from "../stand.ts";

export default standOf(70, async (count, hooks) => {
  const simulator = await startWhatsAppSimulator();
  simulator.requestUrl = `${hooks}/whatsapp`;
  const { accessToken, appSecret, verifyToken, phoneNumberId, url: apiRoot } = simulator;
  return {
    ...{ chats: many(count, (index) => `1650555${String(index).padStart(4, "0")}`), violations: simulator.violations },
    account: { ...common, accessToken, appSecret, verifyToken, phoneNumberId, apiRoot },
    say: (chat, text) => void simulator.say(chat, text),
    taken: () => simulator.taken(),
    // People are written to by the id that the webhook named.
    seen: (chat) => simulator.seen(`US.${chat}`),
    disturb() {
      simulator.arrange({ kind: "refuse", status: 400, code: 131_056 });
      simulator.arrange({ kind: "cut" });
      simulator.arrange({ kind: "cut", after: true });
      return { whole: 1 };
    },
    close: () => simulator.close(),
  };
});
