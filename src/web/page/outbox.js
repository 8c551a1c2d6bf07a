// @ts-check
// Messages on their way out. Each has a key that stays the same however often it is sent, so the server
// counts it once; a draft leaves when its own message comes back in the chat. They go one after another,
// so that what was typed first arrives first.

import { ApiError, postMessage } from "./api.js";

/** @import { Draft, Mention, Message } from "./types.js" */

const WAITS_MS = [500, 1_000, 2_000, 4_000, 8_000];
/** Which draft an arriving message answers first when several have the same words. */
const RANK = ["accepted", "sending", "waiting", "failed"];

/** 128 random bits; crypto.randomUUID is missing on pages served over plain HTTP to another machine. */
function newKey() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

export class Outbox {
  /** @param {() => void} onChange */
  constructor(onChange) {
    this.onChange = onChange;
    /** @type {Draft[]} */
    this.drafts = [];
    this.isRunning = false;
    /** @type {(() => void) | null} */
    this.wake = null;
  }

  /** @param {string} slug */
  draftsOf(slug) {
    return this.drafts.filter((draft) => draft.slug === slug);
  }

  /** @param {string} slug @param {string} from @param {string} text @param {Mention[]} mentions */
  send(slug, from, text, mentions) {
    this.drafts.push({ key: newKey(), slug, from, text, mentions, tries: 0, state: "sending" });
    this.onChange();
    this.run();
  }

  /** @param {Draft} draft sends a failed draft again, under the same key */
  retry(draft) {
    Object.assign(draft, { state: "sending", tries: 0 });
    this.onChange();
    this.run();
  }

  /** Cuts the present wait short, as when the network comes back. */
  hurry() {
    this.wake?.();
  }

  /** @param {string} slug @param {Message} message drops the draft that this message is the echo of */
  settle(slug, message) {
    if (message.bot || message.system) return;
    const echoes = this.drafts.filter((draft) => draft.slug === slug && isEcho(draft, message));
    echoes.sort((a, b) => RANK.indexOf(a.state) - RANK.indexOf(b.state));
    if (echoes.length > 0) this.drafts.splice(this.drafts.indexOf(echoes[0]), 1);
  }

  async run() {
    if (this.isRunning) return;
    this.isRunning = true;
    for (let draft = this.next(); draft; draft = this.next()) await this.deliver(draft);
    this.isRunning = false;
  }

  next() {
    return this.drafts.find(({ state }) => state === "sending" || state === "waiting");
  }

  /** @param {Draft} draft one attempt, and the wait after it when it failed in passing */
  async deliver(draft) {
    try {
      await postMessage(draft);
      draft.state = "accepted";
      this.onChange();
    } catch (error) {
      const wait = error instanceof ApiError && error.isPassing ? WAITS_MS[draft.tries] : undefined;
      draft.tries += 1;
      draft.state = wait === undefined ? "failed" : "waiting";
      this.onChange();
      if (wait !== undefined) await this.pause(wait);
    }
  }

  /** @param {number} wait */
  async pause(wait) {
    await new Promise((resolve) => {
      this.wake = () => resolve(null);
      setTimeout(this.wake, wait);
    });
    this.wake = null;
  }
}

/** @param {Draft} draft @param {Message} message */
function isEcho(draft, message) {
  if (message.key !== undefined) return message.key === draft.key;
  return message.from === draft.from && message.text.trim() === draft.text;
}
