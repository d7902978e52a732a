import assert from "node:assert/strict";
import { after, test } from "node:test";
import { assertAccessible, assertFits, browserMissing, closeBrowser, openWindow } from "./support/browser.ts";
import { fill, rooms } from "./support/rooms.ts";
import { setUp, signIn, startGateway, startTelegram, telegramAccount, until } from "./support/story.ts";

after(closeBrowser);

test("a language is chosen in the account menu by keyboard, is loaded then, and stays", { skip: browserMissing }, async (t) => {
  const gateway = await startGateway(t);
  const { page, assertQuiet } = await openWindow(t);
  const loaded: string[] = [];
  page.on("response", (response) => loaded.push(response.url()));
  await setUp(page, gateway.url);
  assert.equal(await page.locator("html").getAttribute("lang"), "en");
  const before = new Set(loaded);

  await page.evaluate("localStorage.setItem('polylogue-language', 'de')");
  await page.reload();
  await page.getByText("keine Antworten in der letzten Stunde").waitFor();
  assert.equal(await page.locator("html").getAttribute("lang"), "de");
  assert.equal(loaded.filter((url) => url.includes("/assets/") && !before.has(url)).length, 1, "only its words are loaded with it");
  await assertAccessible(page, "Home in German");

  const button = page.getByRole("button", { name: /Menü des Kontos/ });
  await button.focus();
  await page.keyboard.press("Enter");
  const focused = page.locator(":focus");
  await page.locator("[role=menuitemradio]:focus").waitFor();
  await page.keyboard.press("End");
  await page.keyboard.press("ArrowUp");
  assert.equal(await focused.textContent(), "Deutsch");
  assert.equal(await focused.getAttribute("aria-checked"), "true");
  await page.keyboard.press("Escape");
  assert.equal(await page.getByRole("menu").count(), 0);
  assert.equal(await button.evaluate((element) => element.matches(":focus")), true, "the focus is back");
  await page.keyboard.press("ArrowDown");
  await page.locator("[role=menuitemradio]:focus").waitFor();
  await page.keyboard.press("e");
  assert.equal(await focused.textContent(), "English");
  await page.keyboard.press("Enter");
  await page.getByText("no answers in the last hour").waitFor();
  await page.reload();
  await page.getByText("no answers in the last hour").waitFor();
  assert.equal(await page.locator("html").getAttribute("lang"), "en");
  assertQuiet();
});

test("who has a German browser gets every room in German; its longer words fit a phone", { skip: browserMissing }, async (t) => {
  const telegram = await startTelegram(t);
  const gateway = await startGateway(t, { accounts: { support: telegramAccount(telegram) } });
  const english = await openWindow(t);
  await setUp(english.page, gateway.url);
  await fill(telegram);
  await english.page.goto(`${gateway.url}/queue`);
  await english.page.getByText("blocked by the user").first().waitFor();

  const { page, context, assertQuiet, forgive } = await openWindow(t, { locale: "de-DE", width: 360, height: 740 });
  const assertGerman = async (where: string) => {
    assert.equal(await page.locator("html").getAttribute("lang"), "de", where);
    await assertFits(page, where);
    await assertAccessible(page, where);
  };
  await page.goto(`${gateway.url}/login`);
  await page.getByRole("heading", { name: "Anmelden" }).waitFor();
  await assertGerman("login in German");
  await context.addCookies(await english.context.cookies());
  for (const { path, german } of rooms) {
    await page.goto(gateway.url + path);
    await page.getByRole("heading", { name: german, exact: true, level: 1 }).waitFor();
    await page.getByText("Lädt …").first().waitFor({ state: "detached" });
    await assertGerman(`${path} in German`);
  }
  // The browser notes our 404 for the unknown id.
  forgive();
  await page.goto(gateway.url);
  await page.getByRole("link", { name: /nobody asked the bot/ }).click();
  await page.getByText("Keine Antwort, weil Gruppen für dieses Konto ausgeschaltet sind").waitFor();
  await assertGerman("a trace in German");
  assertQuiet();
});

test("what the gateway refuses is told in German", { skip: browserMissing }, async (t) => {
  const gateway = await startGateway(t);
  await setUp((await openWindow(t)).page, gateway.url);
  const { page, forgive, assertQuiet } = await openWindow(t, { locale: "de-DE", width: 360, height: 740 });
  await page.goto(`${gateway.url}/login`);
  await page.getByLabel("Name", { exact: true }).fill("Ada");
  await page.getByLabel("Passwort", { exact: true }).fill("wrong horse battery");
  await page.getByRole("button", { name: "Anmelden" }).click();
  forgive();
  const refusal = page.getByRole("alert");
  await refusal.waitFor();
  assert.equal(asRead(await refusal.textContent()), "Name oder Passwort stimmt nichtName und Passwort prüfen.");
  await assertFits(page, "a refused login in German");
  assertQuiet();
});

interface Told {
  readonly code: string;
  readonly message: string;
  readonly hint: string;
}

test("what somebody should act on is told in German, on Home and in its room", { skip: browserMissing }, async (t) => {
  const telegram = await startTelegram(t);
  const gateway = await startGateway(t, {
    accounts: { support: { ...telegramAccount(telegram), token: "12345:wrong" } },
    agents: { main: { models: ["demo/demo", "nope/x"], tools: ["calculater"] } },
    routes: [{ agent: "main", when: { account: "none" } }],
  });
  await setUp((await openWindow(t)).page, gateway.url);
  const english = await openWindow(t, { width: 1280, height: 900 });
  await signIn(english.page, gateway.url);
  const { page, context, assertQuiet } = await openWindow(t, { locale: "de-DE", width: 1280, height: 900 });
  await context.addCookies(await english.context.cookies());
  await page.goto(`${gateway.url}/findings`);
  const toldIn = (language: string) =>
    page.evaluate(async (tag) => (await fetch("/api/findings", { headers: { "accept-language": tag } })).json(), language) as Promise<
      readonly Told[]
    >;
  await until("the account was tried", async () => (await toldIn("en")).some(({ code }) => code === "account-refused"));
  const inGerman = await toldIn("de");
  // What the channel says of its platform stands behind what its code says.
  const refused = "Telegram refused the token: 401 Unauthorized";
  const inEnglish = (await toldIn("en")).filter(({ message }) => message !== refused);
  assert.ok(
    inEnglish.length >= 4 && inGerman.some(({ message }) => message === `Die Plattform hat die Zugangsdaten abgelehnt: ${refused}`),
  );
  await page.reload();
  await page.getByText("calculater", { exact: true }).waitFor();
  for (const width of [1280, 360]) {
    await page.setViewportSize({ width, height: 900 });
    const shown = asRead(await page.locator("main").textContent());
    for (const { message, hint } of inGerman)
      for (const text of [message, hint]) assert.ok(shown.includes(asRead(text)), `not shown: ${text}`);
    for (const { message, hint } of inEnglish)
      for (const text of [message, hint]) assert.ok(!shown.includes(asRead(text)), `in English: ${text}`);
    await assertFits(page, `findings in German at ${width}`);
    await assertAccessible(page, `findings in German at ${width}`);
  }
  await page.setViewportSize({ width: 1280, height: 900 });
  await page.goto(gateway.url);
  await page.getByText(asRead(inGerman[0]?.message ?? "")).waitFor();
  assertQuiet();
});

test("the form of each provider speaks German", { skip: browserMissing }, async (t) => {
  const gateway = await startGateway(t);
  const english = await openWindow(t);
  await setUp(english.page, gateway.url);
  const { page, context, assertQuiet } = await openWindow(t, { locale: "de-DE", width: 1280, height: 900 });
  await context.addCookies(await english.context.cookies());
  await page.goto(`${gateway.url}/models`);
  const kindsIn = (language: string) =>
    page.evaluate(async (tag) => (await fetch(`/api/providers/kinds?language=${tag}`)).json(), language) as Promise<readonly Form[]>;
  const [inEnglish, inGerman] = [await kindsIn("en"), await kindsIn("de")];
  await page.getByRole("button", { name: "Anbieter hinzufügen" }).click();
  const dialog = page.getByRole("dialog");
  for (const [at, { kind, name, settings }] of inGerman.entries()) {
    await dialog.getByLabel("Art").selectOption(kind);
    assert.equal(await dialog.locator(`option[value="${kind}"]`).textContent(), name);
    const shown = asRead(await dialog.textContent());
    for (const { title = "", description = "" } of Object.values(settings.properties)) {
      assert.ok(title && shown.includes(title) && shown.includes(asRead(description)), `${kind}, not shown: ${title}, ${description}`);
    }
    for (const { description = "" } of Object.values(inEnglish[at]?.settings.properties ?? {})) {
      assert.ok(!shown.includes(asRead(description)), `${kind}, in English: ${description}`);
    }
  }
  for (const width of [1280, 360]) {
    await page.setViewportSize({ width, height: 800 });
    await dialog.getByLabel("Art").selectOption("ollama");
    await assertFits(page, `the form of Ollama in German at ${width}`);
    await assertAccessible(page, `the form of Ollama in German at ${width}`);
  }
  assertQuiet();
});

test("what each setting is, is said in German", { skip: browserMissing }, async (t) => {
  const gateway = await startGateway(t);
  const english = await openWindow(t);
  await setUp(english.page, gateway.url);
  const { page, context, assertQuiet } = await openWindow(t, { locale: "de-DE", width: 1280, height: 900 });
  await context.addCookies(await english.context.cookies());
  await page.goto(`${gateway.url}/settings`);
  await page.getByText("Züge, die gleichzeitig laufen.").first().waitFor();
  const said = (await page.evaluate(async () =>
    (await fetch("/api/config/schema", { headers: { "accept-language": "en" } })).text(),
  )) as string;
  const shown = asRead(await page.locator("main").textContent());
  const inEnglish = [...said.matchAll(/"description":"((?:[^"\\]|\\.)+)"/g)].map(([, text = ""]) => asRead(text));
  assert.ok(inEnglish.length > 100);
  for (const text of inEnglish) assert.ok(!shown.includes(text), `in English: ${text}`);
  for (const width of [1280, 360]) {
    await page.setViewportSize({ width, height: 900 });
    await assertFits(page, `settings in German at ${width}`);
  }
  assertQuiet();
});

interface Form {
  readonly kind: string;
  readonly name: string;
  readonly settings: { readonly properties: { readonly [key: string]: { readonly title?: string; readonly description?: string } } };
}

interface Kind {
  readonly kind: string;
  readonly summary: string;
  readonly guide: string;
  readonly settings: { readonly properties: { readonly [key: string]: { readonly description: string } } };
}

/** Everything that the wizard tells of a channel, as it is read: a step, a point or a paragraph each. */
const told = ({ summary, guide, settings }: Kind) =>
  [summary, ...guide.split(/^(?:\d+\.|\s+-) |\n\n/m), ...Object.values(settings.properties).map(({ description }) => description)]
    .map((text) => asRead(text.replace(/\[([^\]]+)\]\([^)]+\)/g, "$1")))
    .filter(Boolean);
const asRead = (text: string | null) => (text ?? "").replace(/[*`]/g, "").replace(/\s+/g, " ").trim();

test("the wizard of each channel speaks German, as soon as that is chosen", { skip: browserMissing }, async (t) => {
  const gateway = await startGateway(t);
  const { page, assertQuiet } = await openWindow(t);
  await setUp(page, gateway.url);
  await page.goto(`${gateway.url}/channels/add/telegram`);
  await page.getByText("BotFather answers with a token").waitFor();
  await page.getByRole("button", { name: /account menu/ }).click();
  await page.getByRole("menuitemradio", { name: "Deutsch" }).click();
  await page.getByText("BotFather antwortet mit einem Token").waitFor();

  const kindsIn = async (language: string) =>
    (await page.evaluate(async (tag) => (await fetch(`/api/channels?language=${tag}`)).json(), language)) as readonly Kind[];
  const english = await kindsIn("en");
  const german = await kindsIn("de");
  for (const [at, kind] of german.entries()) {
    await page.goto(`${gateway.url}/channels/add/${kind.kind}`);
    await page.getByRole("button", { name: "Verbindung prüfen" }).waitFor();
    const shown = asRead(await page.locator("main").textContent());
    for (const text of told(kind)) assert.ok(shown.includes(text), `${kind.kind}, not shown: ${text}`);
    for (const text of told(english[at] as Kind)) assert.ok(!shown.includes(text), `${kind.kind}, in English: ${text}`);
  }
  for (const kind of ["telegram", "slack", "email"]) {
    for (const width of [1280, 360]) {
      await page.setViewportSize({ width, height: 800 });
      await page.goto(`${gateway.url}/channels/add/${kind}`);
      await page.getByRole("button", { name: "Verbindung prüfen" }).waitFor();
      await page.getByText(/weitere Einstellung/).click();
      await assertFits(page, `the wizard of ${kind} in German, ${width} px`);
      await assertAccessible(page, `the wizard of ${kind} in German, ${width} px`);
    }
  }
  assertQuiet();
});
