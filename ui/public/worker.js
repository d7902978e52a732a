// Keeps what was built, so that the app opens while its gateway is out of reach. It never keeps an answer of the API.
// The build writes what there is, and a version that changes with it (ui/vite.config.ts).
const version = "dev";
const files = [];

const kept = `polylogue-${version}`;
/** Doors of the gateway that aren't the app. */
const elsewhere = /^\/(api|chat|files|hooks|v1|livez|readyz|metrics)(\/|$)/;

addEventListener("install", (event) => {
  event.waitUntil(caches.open(kept).then((cache) => cache.addAll(files.map((file) => new Request(file, { cache: "no-cache" })))));
});

addEventListener("activate", (event) => {
  event.waitUntil(dropOthers().then(() => clients.claim()));
});

// The page asks for it once its viewer has agreed to load the new version.
addEventListener("message", ({ data }) => {
  if (data === "take-over") skipWaiting();
});

addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== "GET" || origin !== location.origin || elsewhere.test(pathname)) return;
  if (request.mode === "navigate") event.respondWith(fetch(request).catch(() => page()));
  else if (files.includes(pathname)) event.respondWith(keptOr(request, pathname));
});

async function dropOthers() {
  for (const name of await caches.keys()) if (name.startsWith("polylogue-") && name !== kept) await caches.delete(name);
}

/** The app's one page, whatever room is asked for. */
async function page() {
  const cache = await caches.open(kept);
  return (await cache.match("/")) ?? Response.error();
}

async function keptOr(request, pathname) {
  const cache = await caches.open(kept);
  return (await cache.match(pathname)) ?? fetch(request);
}
