import { startTwilioSimulator } from "../../../simulators/twilio.ts";
import { common, many, standOf } from "../stand.ts";

/** Twilio posts once; what nobody took is found in its list, behind what was said meanwhile. */
export default standOf(70, async (count, hooks) => {
  const simulator = await startTwilioSimulator({ callbacks: true });
  simulator.webhookUrl = `${hooks}/twilio`;
  return {
    ...{
      chats: many(count, (index) => `whatsapp:+1555222${String(index).padStart(4, "0")}`),
      violations: simulator.violations,
    },
    ...{ reorders: true },
    account: { ...common, ...simulator.settings },
    say: (from, text) => void simulator.say(text, { from, ago: 150_000 }),
    seen: (chat) => simulator.seen(chat).map(({ body }) => body),
    disturb() {
      simulator.arrange({ kind: "cut" });
      simulator.arrange({ kind: "cut", after: true });
      return { whole: 1 };
    },
    close: () => simulator.close(),
  };
});
