// @ts-check
// The shop's clock: shows it running, and moves it forward where the shop allows that.

import { ApiError, fetchOffers, postClock } from "./api.js";
import { byId, el, openDialog } from "./dom.js";
import { hourMinute, readInstant, wordDate, wordDay, wordInstant } from "./time.js";

/** @import { Strings } from "./strings.js" */
/** @import { Reading } from "./time.js" */

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

export class Clock {
  /** @param {() => { slug: string, strings: Strings }} scene @param {() => void} onMoved */
  constructor(scene, onMoved) {
    this.scene = scene;
    this.onMoved = onMoved;
    this.base = readInstant(new Date().toISOString());
    this.readAt = performance.now();
    this.shownMinute = "";
    this.dialog = /** @type {HTMLDialogElement} */ (byId("closing"));
    this.time = /** @type {HTMLInputElement} */ (byId("closing-time"));
    this.listen();
  }

  listen() {
    for (const button of byId("clock-moves").querySelectorAll("[data-advance]")) {
      button.addEventListener("click", () => this.advance(button.getAttribute("data-advance") ?? "1h"));
    }
    byId("to-closing").addEventListener("click", () => this.askClosing());
    byId("closing-form").addEventListener("submit", (event) => {
      event.preventDefault();
      this.moveToTime();
    });
    setInterval(() => this.tick(), 1_000);
  }

  /** @param {string} text the server's word for the present */
  set(text) {
    this.base = readInstant(text);
    this.readAt = performance.now();
    this.tick();
  }

  /** @param {string} text any instant in the zone to show; the shop has one clock for all communities */
  showZoneOf(text) {
    const { ms } = this.now();
    const { offsetMin } = readInstant(text);
    this.base = { ms, local: new Date(ms + offsetMin * MINUTE_MS), offsetMin };
    this.readAt = performance.now();
    this.tick();
  }

  /** @param {string} at a message's instant @returns {boolean} whether the clock was moved elsewhere */
  isBehind(at) {
    return Date.parse(at) > this.now().ms + MINUTE_MS;
  }

  /** @returns {Reading} */
  now() {
    const gone = performance.now() - this.readAt;
    return { ms: this.base.ms + gone, local: new Date(this.base.local.getTime() + gone), offsetMin: this.base.offsetMin };
  }

  tick() {
    const now = this.now();
    const { strings } = this.scene();
    const day = wordDay(now, strings);
    const shown = `${day} ${hourMinute(now)}`;
    if (shown === this.shownMinute) return;
    this.shownMinute = shown;
    byId("clock-time").textContent = hourMinute(now);
    byId("clock-day").textContent = day;
    byId("clock-short").textContent = `${wordDate(now, strings)} ${hourMinute(now)}`;
  }

  /** @param {string} step */
  async advance(step) {
    const { slug, strings } = this.scene();
    const note = byId("clock-note");
    note.textContent = strings.clockMoving;
    this.setBusy(true);
    try {
      const { now } = await postClock(slug, step);
      this.set(now);
      note.textContent = strings.clockMoved(this.shownMinute);
      this.onMoved();
    } catch (error) {
      const isFixed = error instanceof ApiError && error.status === 404;
      byId("clock-moves").hidden = isFixed;
      note.textContent = isFixed ? strings.clockFixed : strings.clockFailed;
    } finally {
      this.setBusy(false);
    }
  }

  /** @param {boolean} isBusy */
  setBusy(isBusy) {
    for (const button of byId("clock-moves").querySelectorAll("button")) button.disabled = isBusy;
  }

  /** Offers the closing times of what is open now, and any time of day besides. */
  async askClosing() {
    const { slug } = this.scene();
    const offers = await fetchOffers(slug);
    const now = this.now();
    /** @type {Map<number, string[]>} */
    const closings = new Map();
    for (const { code, closes_at } of offers) {
      const at = Date.parse(closes_at);
      if (at > now.ms) closings.set(at, [...(closings.get(at) ?? []), code]);
    }
    const soonestFirst = [...closings].sort(([a], [b]) => a - b).slice(0, 6);
    byId("closing-choices").replaceChildren(...soonestFirst.map(([at, codes]) => this.closingChoice(at, codes)));
    this.time.value = "21:00";
    openDialog(this.dialog);
  }

  /** @param {number} at @param {string[]} codes */
  closingChoice(at, codes) {
    const { strings } = this.scene();
    const now = this.now();
    const when = wordInstant({ ms: at, local: new Date(at + now.offsetMin * MINUTE_MS), offsetMin: now.offsetMin }, now, strings);
    const words = strings.closingChoice(codes.slice(0, 6).join(strings.listComma), when);
    const button = el("button", { type: "button", class: "closing-choice" }, words);
    button.addEventListener("click", () => this.moveTo(at));
    return button;
  }

  moveToTime() {
    const [hours, minutes] = this.time.value.split(":").map(Number);
    if (!Number.isInteger(hours) || !Number.isInteger(minutes)) return this.time.focus();
    const now = this.now();
    const midnight = Math.floor(now.local.getTime() / DAY_MS) * DAY_MS - now.offsetMin * MINUTE_MS;
    const today = midnight + (hours * 60 + minutes) * MINUTE_MS;
    this.moveTo(today > now.ms ? today : today + DAY_MS);
  }

  /** @param {number} at just past this instant, so that what happens then has happened */
  moveTo(at) {
    this.dialog.close();
    this.advance(`${Math.ceil((at - this.now().ms) / MINUTE_MS) + 1}m`);
  }
}
