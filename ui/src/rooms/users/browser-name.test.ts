import assert from "node:assert/strict";
import { test } from "node:test";
import { browserName } from "./browser-name.ts";

test("browsers are called what people call them", () => {
  const chrome = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/142.0.0.0 Safari/537.36";
  assert.equal(browserName(chrome), "Chrome 142, Linux");
  assert.equal(browserName(`${chrome.replace("Headless", "")} Edg/142.0.0.0`), "Edge 142, Linux");
  assert.equal(
    browserName(
      "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1",
    ),
    "Safari 18, iOS",
  );
  assert.equal(browserName("Mozilla/5.0 (Windows NT 10.0; rv:145.0) Gecko/20100101 Firefox/145.0"), "Firefox 145, Windows");
  assert.equal(browserName("curl/8.5.0"), "curl/8.5.0");
  assert.equal(browserName("browser"), undefined);
});
