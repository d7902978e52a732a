import { startMessagingSimulator } from "../../simulators/messaging.ts";
import { common, many, type OpenStand } from "./stand.ts";

/** What Meta's two platforms of messages have in common. */
export const page =
  (kind: "messenger" | "instagram"): OpenStand =>
  async (count, hooks) => {
    const simulator = await startMessagingSimulator(kind);
    simulator.requestUrl = `${hooks}/${kind}`;
    const { accessToken, appSecret, verifyToken, self, url: apiRoot } = simulator;
    return {
      ...{ chats: many(count, (index) => String(4_400_000_000_000 + index)), violations: simulator.violations },
      account: { ...common, accessToken, appSecret, verifyToken, [kind === "messenger" ? "pageId" : "accountId"]: self, apiRoot },
      say: (chat, text) => void simulator.say(chat, text),
      taken: () => simulator.taken(),
      seen: (chat) => simulator.seen(chat),
      disturb() {
        simulator.arrange({ kind: "refuse", status: 400, code: 613 });
        simulator.arrange({ kind: "proxy", status: 502, after: true });
        return { whole: 1 };
      },
      close: () => simulator.close(),
    };
  };
