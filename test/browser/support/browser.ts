import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import type { TestContext } from "node:test";
import { fileURLToPath } from "node:url";
import { AxeBuilder } from "@axe-core/playwright";
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";
import { extendTailwindMerge } from "tailwind-merge";

/** Where Chromium is: CHROMIUM_PATH, or one of its usual names on the path. */
function findChromium(): string | undefined {
  const { CHROMIUM_PATH, PATH = "" } = process.env;
  if (CHROMIUM_PATH) return CHROMIUM_PATH;
  const names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
  const places = names.flatMap((name) => PATH.split(delimiter).map((folder) => join(folder, name)));
  return [...places, "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"].find((place) => existsSync(place));
}

const builtApp = fileURLToPath(new URL("../../../dist/ui/index.html", import.meta.url));
const executablePath = findChromium();

/** Why the browser tests can't run here; false when they can. */
export const browserMissing: string | false = !executablePath
  ? "there is no Chromium: install it, or set CHROMIUM_PATH"
  : !existsSync(builtApp) && "the web app isn't built: npx vite build ui";

export interface Look {
  readonly width?: number;
  readonly height?: number;
  readonly scheme?: "light" | "dark";
  /** The language of the browser. */
  readonly locale?: string;
  /** With the service worker, which keeps the app for later: only where a test is about it. */
  readonly worker?: boolean;
}

/** A window of a real browser that remembers everything that went wrong in it. */
export interface BrowserWindow {
  readonly page: Page;
  readonly context: BrowserContext;
  /** Fails when there was an error in the console, one that was thrown, or a report of the content security policy. */
  assertQuiet(): void;
  /** Forgets what went wrong so far, where a test makes it go wrong. */
  forgive(): void;
}

let shared: Promise<Browser> | undefined;

/** Closes with the test. All windows of a file share one browser. */
export async function openWindow(t: TestContext, look: Look = {}): Promise<BrowserWindow> {
  // Chromium's own sandbox can't be set up by root in a container; what is opened here is our own app.
  shared ??= chromium.launch({ executablePath: executablePath as string, args: ["--no-sandbox"] });
  const browser = await shared;
  const context = await browser.newContext({
    viewport: { width: look.width ?? 1280, height: look.height ?? 800 },
    colorScheme: look.scheme ?? "light",
    reducedMotion: "reduce",
    locale: look.locale ?? "en-GB",
    serviceWorkers: look.worker ? "allow" : "block",
  });
  t.after(() => context.close());
  const page = await context.newPage();
  const troubles: string[] = [];
  page.on("console", (message) => {
    // The first visitor isn't signed in, which the app finds out by asking.
    if (message.type() === "error" && !/401 \(Unauthorized\)/.test(message.text())) troubles.push(`console: ${message.text()}`);
  });
  page.on("pageerror", (error) => troubles.push(`thrown: ${error.stack ?? error.message}`));
  page.on("dialog", (dialog) => {
    troubles.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  await page.exposeFunction("reportViolation", (what: string) => troubles.push(`policy: ${what}`));
  await page.addInitScript({
    content: `document.addEventListener("securitypolicyviolation", (event) =>
      reportViolation(event.violatedDirective + " " + event.blockedURI + " " + event.sourceFile + ":" + event.lineNumber));`,
  });
  page.setDefaultTimeout(15_000);
  return {
    page,
    context,
    assertQuiet: () => assert.deepEqual(troubles, []),
    forgive: () => void troubles.splice(0),
  };
}

/** A window of a browser with a profile of its own, as people have it: apps can be installed there. */
export async function openProfile(t: TestContext, folder: string): Promise<Page> {
  const context = await chromium.launchPersistentContext(folder, { executablePath: executablePath as string, args: ["--no-sandbox"] });
  t.after(() => context.close());
  return context.newPage();
}

/** To be called once all tests of a file are through. */
export async function closeBrowser(): Promise<void> {
  await (await shared)?.close();
  shared = undefined;
}

/** No violation of the rules that axe knows (WCAG 2.2 AA and its best practices). */
export async function assertAccessible(page: Page, where: string): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  const said = violations.map(({ id, help, nodes }) => `${id}: ${help}\n    ${nodes.map(({ html }) => html.slice(0, 200)).join("\n    ")}`);
  assert.deepEqual(said, [], where);
}

/** Nothing sticks out to the side, or below: what scrolls is inside. A window that has just been resized is laid out first. */
export async function assertFits(page: Page, where: string): Promise<void> {
  await page.evaluate("new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))");
  const over = Number(await page.evaluate("document.documentElement.scrollWidth - innerWidth"));
  assert.ok(over <= 0, `${where}: ${over} px too wide`);
  const below = Number(await page.evaluate("document.documentElement.scrollHeight - innerHeight"));
  assert.ok(below <= 0, `${where}: the page goes on for ${below} px below what is shown`);
}

/** All that Tailwind has, with our own names (app.css). */
const decided = extendTailwindMerge({
  extend: {
    theme: { text: ["meta", "row", "body", "lead", "title", "hero"], radius: ["control", "panel"], shadow: ["shade", "lift"] },
  },
});

/** No element has two classes for one property, of which the order in the stylesheet would decide: `classes` knows what is overridden. */
export async function assertDecided(page: Page, where: string): Promise<void> {
  const found = (await page.evaluate(
    "[...new Set([...document.querySelectorAll('[class]')].map((element) => element.getAttribute('class').trim()))]",
  )) as string[];
  const torn = found.filter((names) => decided(names).split(" ").length < new Set(names.split(/\s+/)).size);
  assert.deepEqual(torn, [], where);
}
