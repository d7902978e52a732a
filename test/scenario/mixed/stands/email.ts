import { startMailSimulator } from "../../../simulators/mail.ts";
import { common, many, standOf } from "../stand.ts";

/** Its conversations are threads, one person's each. */
export default standOf(20, async (count) => {
  const simulator = await startMailSimulator();
  const { world } = simulator;
  const chats = many(count, (index) => `<thread${index}@people.example>`);
  let said = 0;
  return {
    ...{ chats, violations: [] },
    account: {
      ...common,
      address: "bot@example.com",
      imap: simulator.imap,
      smtp: simulator.smtp,
      password: world.password,
      trustFrom: true,
    },
    say(chat, text) {
      const lines = [
        `From: p${chat.replace(/\D/g, "")}@people.example`,
        "To: bot@example.com",
        "Subject: A question",
        `Message-ID: <said-${++said}@people.example>`,
        `References: ${chat}`,
        "Content-Type: text/plain; charset=utf-8",
        "",
        text,
        "",
      ];
      world.folder("INBOX").addOnceOpened(Buffer.from(lines.join("\r\n")));
    },
    // A program that shows mail shows one of those with the same Message-ID.
    seen(chat) {
      const mails = world.accepted.map(({ raw }) => raw.toString("latin1")).filter((raw) => raw.replace(/\r\n\s/g, " ").includes(chat));
      const byId = new Map(mails.map((raw) => [/^Message-ID: (\S+)/im.exec(raw)?.[1] ?? raw, raw] as const));
      return [...byId.values()];
    },
    disturb() {
      world.faults.push({ at: "RCPT", what: "451 4.7.1 greylisted" }, { at: "END", what: "take-and-drop" }, { at: "DATA", what: "drop" });
      simulator.cutImap();
      return { whole: 1 };
    },
    close: () => simulator.close(),
  };
});
