// @ts-check
// Drives the simulated group chat in a real browser, as members would: sees the drop, brings in a
// newcomer, orders, checks in, speaks as others. Wants a running shop that it may write to.
//
//   BASE_URL=http://127.0.0.1:8080 [OUT_DIR=out] [CHROMIUM=/usr/bin/chromium] node chat.mjs
//
// Leaves screenshots in OUT_DIR and prints `N passed, M failed`; exits 1 when anything failed.

import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { chromium } from "playwright-core";
import { checkParts } from "./parts.mjs";

/** @import { BrowserContextOptions, Page } from "playwright-core" */

const BASE_URL = (process.env.BASE_URL ?? "http://127.0.0.1:8080").replace(/\/$/, "");
const OUT_DIR = process.env.OUT_DIR ?? "out";
const PATIENCE_MS = 20_000;
const DESKTOP = { viewport: { width: 1280, height: 800 } };
const PHONE = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true, deviceScaleFactor: 2 };
const INVITER = "小美";
const BROWSER_FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];

/** Complaints of the browser that no step asked for. @type {string[]} */
const complaints = [];
let areErrorsExpected = false;
let passed = 0;

const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: BROWSER_FLAGS });

/** @param {BrowserContextOptions} options @param {string} hash */
async function openPage(options, hash) {
  const page = await (await browser.newContext({ locale: "zh-CN", ...options })).newPage();
  page.setDefaultTimeout(PATIENCE_MS);
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("console", (line) => {
    const isStarting = line.text().includes("503") && line.location().url.endsWith("/api/chat/communities");
    if (line.type() === "error" && !areErrorsExpected && !isStarting) complaints.push(`${line.text()} ${line.location().url}`);
  });
  await page.goto(`${BASE_URL}/${hash}`);
  return page;
}

/** The communities, once the shop has delivered its first drop. */
async function awaitShop() {
  for (const end = Date.now() + 3 * PATIENCE_MS; Date.now() < end; ) {
    const answer = await fetch(`${BASE_URL}/api/chat/communities`).catch(() => null);
    if (answer?.ok) return answer.json();
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
  throw new Error(`no shop at ${BASE_URL}`);
}

/** @param {string} name @param {() => Promise<void>} body */
async function step(name, body) {
  await body();
  passed += 1;
  console.log(`ok - ${name}`);
}

/** @param {Page} page @param {string} name */
const shoot = (page, name) => page.screenshot({ path: join(OUT_DIR, `${name}.png`) });

/** @param {Page} page @param {string} name */
async function speakAs(page, name) {
  await page.locator(`#people [data-member="${name}"]`).click();
  await page.locator(`#people [data-member="${name}"][aria-pressed="true"]`).waitFor();
}

/** @param {Page} page @param {string} text @returns {Promise<number>} the number the message got in the chat */
async function say(page, text) {
  const before = await lastNumber(page);
  await page.locator("#text").fill(text);
  await page.locator("#text").press("Enter");
  return ownNumber(page, text, before);
}

/** @param {Page} page */
const lastNumber = (page) => page.evaluate(() => Math.max(0, ...[...document.querySelectorAll("#log [data-n]")].map((row) => Number(row.getAttribute("data-n")))));

/** @param {Page} page @param {string} text @param {number} after */
async function ownNumber(page, text, after) {
  const handle = await page.waitForFunction(
    ({ text, after }) => [...document.querySelectorAll("#log .row.mine")].map((row) => ({ n: Number(row.getAttribute("data-n")), words: row.querySelector(".words")?.textContent })).find(({ n, words }) => n > after && words === text)?.n,
    { text, after },
  );
  return Number(await handle.jsonValue());
}

/**
 * Waits for a message of the bot that came after message `after` and is for this member: naming them or for them alone.
 * @param {Page} page @param {string} name @param {number} after
 */
async function awaitReply(page, name, after) {
  const handle = await page.waitForFunction(
    ({ name, after }) => [...document.querySelectorAll("#log .row[data-bot]")]
      .filter((row) => Number(row.getAttribute("data-n")) > after)
      .find((row) => (row.getAttribute("data-mentions") ?? "").split("\n").includes(name) || row.classList.contains("private"))
      ?.querySelector(".words")?.textContent,
    { name, after },
  );
  return String(await handle.jsonValue());
}

/**
 * What every part of the tour needs: the shop's communities, the one it happens in, the page on a desktop, who is new.
 * @typedef {{ communities: any[], home: any, hash: string, page: Page, newcomer: string }} Tour
 */

/** @returns {Promise<Tour>} */
async function begin() {
  const communities = await awaitShop();
  const home = communities.find((/** @type {any} */ one) => one.members.some((/** @type {any} */ member) => member.name === INVITER));
  assert.ok(home, `no community has a member ${INVITER}`);
  const names = new Set(home.members.map((/** @type {any} */ member) => member.name));
  const newcomer = ["阿强", ...Array.from({ length: 50 }, (_, i) => `阿强${i + 2}`)].find((name) => !names.has(name)) ?? "阿强";
  const hash = `#${encodeURIComponent(home.slug)}/${encodeURIComponent(INVITER)}`;
  return { communities, home, hash, page: await openPage(DESKTOP, hash), newcomer };
}

/** @param {Tour} tour looks around and brings somebody in */
async function arrive({ page, newcomer }) {
  await step("the drop stands in the chat with its picture", async () => {
    await page.locator("#log .row").first().waitFor();
    const picture = page.locator("#log .row[data-bot] .picture img").first();
    while ((await picture.count()) === 0 && (await page.locator("#earlier").isVisible())) await page.locator("#earlier").click();
    await picture.waitFor();
    await page.waitForFunction(() => [...document.querySelectorAll("img")].some((image) => image.naturalWidth > 0));
    await picture.scrollIntoViewIfNeeded();
    await shoot(page, "desktop-drop");
  });

  await step("texts, times and arrivals are read as the tables say", () => checkParts(page));

  await step("a picture opens large and closes with Escape", async () => {
    await page.locator("#log .picture").first().click();
    await page.locator("#lightbox[open] img").waitFor();
    await page.keyboard.press("Escape");
    await page.locator("#lightbox").waitFor({ state: "hidden" });
  });

  await step("a name that is taken is refused in the dialog", async () => {
    await speakAs(page, INVITER);
    await page.locator("#open-invite").click();
    await page.locator("#invite-name").fill(INVITER);
    await page.locator("#invite-form [type=submit]").click();
    assert.notEqual(await page.locator("#invite-fault").textContent(), "");
  });

  await step(`${newcomer} joins, invited by ${INVITER}`, async () => {
    await page.locator("#invite-name").fill(newcomer);
    await page.locator("#invite-form [type=submit]").click();
    await page.locator("#log .system", { hasText: newcomer }).filter({ hasText: INVITER }).waitFor();
    await page.locator(`#people [data-member="${newcomer}"][aria-pressed="true"]`, { hasText: INVITER }).waitFor();
  });
}

/** @param {Tour} tour does what a member does every day */
async function shop({ page, newcomer }) {
  await step("the newcomer orders and the bot answers by name", async () => {
    const reply = await awaitReply(page, newcomer, await say(page, "A1 两份"));
    assert.match(reply, /A1|#\d+/);
    await shoot(page, "desktop-order");
  });

  await step("the newcomer checks in and is answered", async () => {
    assert.notEqual(await awaitReply(page, newcomer, await say(page, "签到")), "");
  });

  await step("a balance is seen by its owner alone", async () => {
    const asked = await say(page, "余额");
    await awaitReply(page, newcomer, asked);
    const privately = page.locator("#log .row.private[data-bot]").last();
    const number = await privately.getAttribute("data-n");
    await shoot(page, "desktop-private");
    await speakAs(page, INVITER);
    assert.equal(await page.locator(`#log [data-n="${number}"]`).count(), 0);
    await speakAs(page, newcomer);
    assert.equal(await page.locator(`#log [data-n="${number}"]`).count(), 1);
  });
}

/** @param {Tour} tour types, on a bad connection and with an input method */
async function type({ page, home }) {
  await step("a message that got lost on the way is sent again and counts once", async () => {
    areErrorsExpected = true;
    const posts = await loseTwoAnswers(page);
    const text = `大家好 <b>${Date.now()}</b>`;
    await say(page, text);
    await page.waitForFunction(() => document.querySelectorAll("#pending .row").length === 0);
    assert.ok(posts.length >= 2, "it was tried again");
    assert.equal(new Set(posts.map(({ key }) => key)).size, 1, "every attempt bears the same key");
    await postAgain(home.slug, posts[0]);
    await say(page, `在吗 ${Date.now()}`);
    assert.equal(await page.locator("#log .row.mine", { hasText: text }).count(), 1, "it stands once, as text");
    areErrorsExpected = false;
  });

  await step("an Enter that ends a composition does not send", async () => {
    await page.locator("#text").fill("pu tao");
    await page.locator("#text").dispatchEvent("keydown", { key: "Enter", isComposing: true, bubbles: true, cancelable: true });
    assert.equal(await page.locator("#text").inputValue(), "pu tao");
    await page.locator("#text").fill("");
  });
}

/** @param {Tour} tour goes to other windows, communities and times */
async function wander({ communities, home, hash, page, newcomer }) {
  await step("another window hears the chat live, as another member on a phone", async () => {
    const phone = await openPage(PHONE, hash);
    await phone.locator("#log .row").last().waitFor();
    const text = `到货了吗 ${Date.now()}`;
    await say(page, text);
    await phone.locator("#log .row.theirs", { hasText: text }).waitFor();
    await shoot(phone, "phone-chat");
    await phone.locator("#open-people").click();
    await phone.locator("#people-panel.open").waitFor();
    await phone.waitForTimeout(350);
    await shoot(phone, "phone-members");
    await phone.locator(`#people [data-member="${newcomer}"]`).click();
    await phone.locator("#log .row.mine", { hasText: text }).waitFor();
    const overflow = await phone.evaluate(() => {
      const { scrollWidth, clientWidth, scrollHeight, clientHeight } = document.documentElement;
      return [scrollWidth - clientWidth, scrollHeight - clientHeight];
    });
    assert.deepEqual(overflow, [0, 0], "nothing stands out of the window, sideways or below");
    await phone.context().close();
  });

  await step("every community speaks its own language", async () => {
    for (const { slug, name, locale } of communities) {
      await page.locator(`#rooms [data-room="${slug}"]`).click();
      await page.locator("#room-name", { hasText: name }).waitFor();
      assert.equal(await page.evaluate(() => document.documentElement.lang), locale);
      await page.locator("#log .row").first().waitFor();
    }
    await shoot(page, "desktop-other-community");
    await page.locator(`#rooms [data-room="${home.slug}"]`).click();
  });

  await step("an hour is skipped on the shop's clock, where it can be moved", async () => {
    const before = await page.locator("#clock-time").textContent();
    areErrorsExpected = true;
    await page.locator("#clock-moves [data-advance='1h']").click();
    await page.waitForFunction((before) => document.getElementById("clock-moves")?.hidden || document.getElementById("clock-time")?.textContent !== before, before);
    areErrorsExpected = false;
    await shoot(page, "desktop-later");
  });
}

async function run() {
  mkdirSync(OUT_DIR, { recursive: true });
  const tour = await begin();
  for (const part of [arrive, shop, type, wander]) await part(tour);
  await step("the browser had nothing to complain about", async () => {
    assert.deepEqual(complaints, []);
  });
}

/**
 * Keeps the first post from the shop, and the shop's answer to the second from the page.
 * @param {Page} page
 * @returns {Promise<any[]>} the bodies posted, as they come
 */
async function loseTwoAnswers(page) {
  /** @type {any[]} */
  const posts = [];
  await page.route("**/api/chat/*/messages", async (route) => {
    if (route.request().method() !== "POST") return route.continue();
    posts.push(route.request().postDataJSON());
    if (posts.length > 2) return route.continue();
    if (posts.length === 2) await route.fetch();
    return route.abort();
  });
  return posts;
}

/** @param {string} slug @param {unknown} body */
async function postAgain(slug, body) {
  const headers = { "content-type": "application/json" };
  const answer = await fetch(`${BASE_URL}/api/chat/${encodeURIComponent(slug)}/messages`, { method: "POST", headers, body: JSON.stringify(body) });
  assert.equal(answer.status, 202);
}

let failed = 0;
try {
  await run();
} catch (error) {
  failed = 1;
  console.error(error);
  const pages = browser.contexts().flatMap((context) => context.pages());
  for (const [i, page] of pages.entries()) await shoot(page, `failed-${i}`).catch(() => {});
}
await browser.close();
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed;
