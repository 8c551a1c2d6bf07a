// @ts-check
// Tables for the parts of the page that need no screen: splitting texts, wording times, keeping a room
// in order. They run inside the browser, on the very modules the page runs.

import assert from "node:assert/strict";

/** @import { Page } from "playwright-core" */

const NAMES = ["小美", "小美丽", "Echo"];

/** text, mentions, pieces as `kind:text` */
const TEXTS = /** @type {[string, string[], string[]][]} */ ([
  ["早上好", [], ["text:早上好"]],
  ["@小美丽 在吗", [], ["mention:@小美丽", "text: 在吗"]],
  ["问@Echo和@小美", [], ["text:问", "mention:@Echo", "text:和", "mention:@小美"]],
  ["邮箱 a@b.cn", [], ["text:邮箱 a@b.cn"]],
  ["小美，已下单", ["小美"], ["mention:小美", "text:，已下单"]],
  ["已下单", ["阿强"], ["mention:@阿强", "text: ", "text:已下单"]],
  ["看 https://a.cn/x?y=1。好", [], ["text:看 ", "link:https://a.cn/x?y=1", "text:。好"]],
  ["javascript:alert(1) <b>粗</b>", [], ["text:javascript:alert(1) <b>粗</b>"]],
  ["", [], []],
]);

const CODES = /** @type {[string, string | null][]} */ ([
  ["今日上新\nA1 葡萄 29.9", "A1"], ["「B12」两份", "B12"], ["订单 #A1", null], ["SHA1 校验", null], ["没有编号", null], ["A100", null],
]);

const NOW = "2025-11-22T10:30:00+08:00";
const TIMES = /** @type {[string, string][]} */ ([
  ["2025-11-22T09:05:00+08:00", "09:05"],
  ["2025-11-22T01:05:00Z", "09:05"],
  ["2025-11-21T23:59:00+08:00", "昨天 23:59"],
  ["2025-11-17T08:00:00+08:00", "星期一 08:00"],
  ["2025-11-15T08:00:00+08:00", "11月15日 08:00"],
  ["2025-11-23T12:00:00+08:00", "11月23日 12:00"],
]);

/** batches of numbers as they arrive, and the numbers kept */
const ARRIVALS = /** @type {[number[][], number[]][]} */ ([
  [[[1, 2], [2, 3]], [1, 2, 3]],
  [[[3], [1], [2, 2]], [1, 2, 3]],
  [[[], [5, 4]], [4, 5]],
]);

/** @param {Page} page */
export async function checkParts(page) {
  const texts = await inPage(page, "text.js", "(part, { texts, names }) => texts.map(([text, mentions]) => part.splitText(text, mentions, names).map((piece) => `${piece.kind}:${piece.text}`))", { texts: TEXTS, names: NAMES });
  assert.deepEqual(texts, TEXTS.map(([, , pieces]) => pieces));

  const codes = await inPage(page, "text.js", "(part, texts) => texts.map((text) => part.firstCode(text))", CODES.map(([text]) => text));
  assert.deepEqual(codes, CODES.map(([, code]) => code));

  const times = await inPage(page, "time.js", "async (part, { now, times }) => { const { stringsFor } = await import('/page/strings.js'); return times.map((time) => part.wordInstant(part.readInstant(time, 480), part.readInstant(now), stringsFor('zh-Hans'))); }", { now: NOW, times: TIMES.map(([time]) => time) });
  assert.deepEqual(times, TIMES.map(([, words]) => words));

  const kept = await inPage(page, "room.js", "(part, arrivals) => arrivals.map((batches) => { const room = new part.Room('x'); for (const batch of batches) room.add(batch.map((n) => ({ n }))); return room.messages.map(({ n }) => n); })", ARRIVALS.map(([batches]) => batches));
  assert.deepEqual(kept, ARRIVALS.map(([, numbers]) => numbers));
}

/**
 * Runs a function, given as text, on one of the page's modules.
 * @param {Page} page @param {string} module @param {string} source @param {unknown} facts
 * @returns {Promise<unknown>}
 */
function inPage(page, module, source, facts) {
  return page.evaluate(`import("/page/${module}").then((part) => (${source})(part, ${JSON.stringify(facts)}))`);
}
