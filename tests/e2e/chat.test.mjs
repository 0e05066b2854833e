// examples/chat in a browser: two people in two tabs who talk, and find what they said again.
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { chromium } from "playwright-core";
import { lifetime, root, serve, temporaryFolder } from "../support/selvage.mjs";

const limit = { timeout: 60_000 };
const program = "/usr/bin/chromium"; // tools/debian-packages.txt

const suite = lifetime();
let session;
let browser;
before(async () => {
  assert.ok(existsSync(program), `${program} is missing: ./x setup installs it`);
  session = await serve(suite, join(root, "examples/chat"), "--object-idle", "1");
  browser = await chromium.launchPersistentContext(temporaryFolder(suite), {
    executablePath: program,
    headless: true,
    args: [
      "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
      "--disable-component-update", "--disable-sync",
    ],
  });
});
after(() => browser?.close());

const messages = async (tab) =>
  (await tab.locator("#messages li").allTextContents()).map((line) => line.replace(/ [^\n]*\n/, ": "));
const shows = (tab, text) => tab.getByText(text).first().waitFor({ timeout: 20_000 });
const say = async (tab, text) => {
  await tab.getByLabel("Message", { exact: true }).fill(text);
  await tab.getByRole("button", { name: "Send" }).click();
};

test("two people in two tabs talk, and a reload shows what was said", limit, async () => {
  const ada = await browser.newPage();
  await ada.goto(`${session.url}/`);
  await ada.getByLabel("Room").fill("engines");
  await ada.getByLabel("Your name").fill("Ada");
  await ada.getByRole("button", { name: "Enter" }).click();
  await shows(ada, "Here: Ada");

  const grace = await browser.newPage();
  await grace.goto(`${session.url}/rooms/engines`);
  await grace.getByLabel("Your name").fill("Grace");
  await grace.getByRole("button", { name: "Enter" }).click();
  await shows(ada, "Here: Ada, Grace");
  await shows(grace, "Here: Ada, Grace");

  await say(ada, "Hello <b>Grace</b>");
  await shows(grace, "Hello <b>Grace</b>");
  await say(grace, "Hello Ada");
  await shows(ada, "Hello Ada");

  await grace.reload();
  await shows(grace, "Hello Ada");
  assert.deepEqual(await messages(grace), ["Ada: Hello <b>Grace</b>", "Grace: Hello Ada"]);

  // Somebody in another room sees nothing of it.
  const alan = await browser.newPage();
  await alan.goto(`${session.url}/rooms/machines`);
  await alan.getByLabel("Your name").fill("Alan");
  await alan.getByRole("button", { name: "Enter" }).click();
  await shows(alan, "Here: Alan");
  assert.deepEqual(await messages(alan), []);
  await alan.close();

  await grace.close();
  await ada.getByText("Here: Ada", { exact: true }).waitFor();
});
