import type { TestContext } from "node:test";
import type { Page } from "playwright-core";
import { type GatewayProcess, setupToken, startGatewayProcess, temporaryHome } from "../../gateway-process.ts";
import { TelegramSimulator } from "../../simulators/telegram.ts";

export const password = "correct horse battery staple";

/** A real gateway in a process of its own, in an empty home; gone with the test. */
export async function startGateway(
  t: TestContext,
  configuration?: object,
  env?: Readonly<Record<string, string>>,
): Promise<GatewayProcess & { readonly home: string }> {
  const home = await temporaryHome();
  const gateway = await startGatewayProcess({ home: home.path, ...(configuration && { configuration }), ...(env && { env }) });
  t.after(async () => {
    await gateway.kill();
    await home[Symbol.asyncDispose]();
  });
  return { ...gateway, home: home.path };
}

export async function startTelegram(t: TestContext): Promise<TelegramSimulator> {
  const telegram = new TelegramSimulator({});
  await telegram.listen();
  t.after(() => telegram.close());
  return telegram;
}

/** An account on the simulator as the configuration file has it. */
export function telegramAccount(telegram: TelegramSimulator, access: object = { direct: "open" }) {
  return { channel: "telegram", token: telegram.token, apiRoot: telegram.url, access };
}

/** The first visitor opens the link that the gateway printed, becomes the owner, and leaves the chat for the flow. */
export async function setUp(page: Page, url: string): Promise<void> {
  await page.goto(`${url}/#setup=${setupToken}`);
  await page.getByLabel("Name", { exact: true }).fill("ada");
  await page.getByLabel("Password", { exact: true }).fill(password);
  await page.getByRole("button", { name: "Create owner" }).click();
  await page.waitForURL(`${url}/talk`);
  await page.getByRole("navigation").getByRole("link", { name: "Home" }).click();
  await page.getByRole("heading", { name: "Home" }).waitFor();
}

export async function signIn(page: Page, url: string, secret = password): Promise<void> {
  await page.goto(`${url}/login`);
  await page.getByLabel("Name", { exact: true }).fill("ada");
  await page.getByLabel("Password", { exact: true }).fill(secret);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("heading", { name: "Home" }).waitFor();
}

/** Polls until `look` says yes; the reason is what the failure names. */
export async function until(reason: string, look: () => boolean | Promise<boolean>): Promise<void> {
  const end = Date.now() + 15_000;
  while (!(await look())) {
    if (Date.now() > end) throw new Error(`it never came to be: ${reason}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
