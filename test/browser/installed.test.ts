import assert from "node:assert/strict";
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import { startTestServer, type TestServer } from "../http-server.ts";
import { assertAccessible, browserMissing, closeBrowser, openProfile, openWindow } from "./support/browser.ts";
import { until } from "./support/story.ts";

after(closeBrowser);

const built = fileURLToPath(new URL("../../dist/ui/", import.meta.url));

async function temporaryFolder(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "polylogue-installed-"));
  t.after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** A server of a copy of the built app, which a test may replace by another version. */
async function serve(t: TestContext): Promise<{ server: TestServer; url: string; folder: string }> {
  const folder = await temporaryFolder(t);
  await cp(built, folder, { recursive: true });
  const server = await startTestServer({ ui: `${folder}/` });
  t.after(() => server[Symbol.asyncDispose]());
  return { server, url: server.server.url.replace(/\/$/, ""), folder };
}

test("browsers find all that they need to install the app", { skip: browserMissing }, async (t) => {
  const { url } = await serve(t);
  const page = await openProfile(t, await temporaryFolder(t));
  await page.goto(`${url}/login`);
  await page.evaluate("navigator.serviceWorker.ready.then(() => undefined)");
  const devtools = await page.context().newCDPSession(page);
  const { url: manifest, errors, data } = await devtools.send("Page.getAppManifest");
  assert.equal(manifest, `${url}/manifest.webmanifest`);
  assert.deepEqual(errors, []);
  assert.equal(JSON.parse(data ?? "{}").name, "Polylogue");
  const { installabilityErrors } = await devtools.send("Page.getInstallabilityErrors");
  assert.deepEqual(installabilityErrors, []);
  const answer = await fetch(manifest);
  assert.equal(answer.headers.get("content-type"), "application/manifest+json; charset=utf-8");
  for (const { src, sizes } of JSON.parse(data ?? "{}").icons as { src: string; sizes: string }[]) {
    const size = Number(sizes.split("x")[0]);
    const width = await page.evaluate(
      `new Promise((resolve, reject) => Object.assign(new Image(), { src: ${JSON.stringify(src)}, onerror: reject, onload() { resolve(this.naturalWidth); } }))`,
    );
    if (size) assert.equal(width, size, src);
  }
});

test("the app opens without its gateway, keeps no answer of it, and offers a new version", { skip: browserMissing }, async (t) => {
  const { server, url, folder } = await serve(t);
  const { page, context, assertQuiet, forgive } = await openWindow(t, { worker: true });
  const [name = "", value = ""] = (await server.setup()).split("=");
  await context.addCookies([{ name, value, url }]);
  await page.goto(url);
  await page.getByRole("heading", { name: "Home" }).waitFor();
  await until("the worker has the page", () => page.evaluate("navigator.serviceWorker.controller !== null") as Promise<boolean>);

  const kept = () =>
    page.evaluate(`(async () => {
      const names = await caches.keys();
      const requests = await Promise.all(names.map(async (name) => (await caches.open(name)).keys()));
      return { names, paths: requests.flat().map(({ url }) => new URL(url).pathname) };
    })()`) as Promise<{ names: string[]; paths: string[] }>;

  await t.test("what it keeps was built, all of it", async () => {
    await page.getByRole("link", { name: "Channels" }).first().click();
    await page.getByRole("heading", { name: "Channels" }).waitFor();
    const { names, paths } = await kept();
    assert.equal(names.length, 1);
    assert.deepEqual(
      paths.filter((path) => !/^\/(assets\/[\w.-]+\.(js|css)|theme\.js|favicon\.svg)?$/.test(path)),
      [],
    );
    assert.ok(paths.length > 20);
  });

  await t.test("a new version waits until it is asked for", async () => {
    const [before] = (await kept()).names;
    const worker = await readFile(join(folder, "worker.js"), "utf8");
    for (const packed of [".gz", ".br"]) await rm(join(folder, `worker.js${packed}`));
    await writeFile(join(folder, "worker.js"), worker.replace(/version = "\w+"/, 'version = "another"'));
    await page.evaluate("window.before = true");
    await page.evaluate("navigator.serviceWorker.getRegistration().then((registration) => registration.update()).then(() => undefined)");
    const offer = page.getByRole("button", { name: "New version" }).first();
    await offer.waitFor();
    await assertAccessible(page, "a new version is there");
    assert.ok((await kept()).names.includes(before ?? ""), "what this page is made of stays");
    await offer.click();
    await page.waitForURL(`${url}/channels`);
    await until("the page was loaded anew", () => page.evaluate("window.before === undefined").catch(() => false) as Promise<boolean>);
    await page.getByRole("heading", { name: "Channels" }).waitFor();
    assert.deepEqual((await kept()).names, ["polylogue-another"]);
    assert.equal(await page.getByRole("button", { name: "New version" }).count(), 0);
    assertQuiet();
  });

  await t.test("without the gateway it says so, and goes on by itself", async () => {
    await context.setOffline(true);
    await page.goto(`${url}/channels`);
    await page.getByRole("alert").getByText("This device is offline").waitFor();
    await assertAccessible(page, "offline");
    await context.setOffline(false);
    await page.getByRole("heading", { name: "Channels" }).waitFor();
    forgive();
  });
});
