// @ts-check
// Keeps one room current: reads what was missed, then listens to server-sent events, and starts over
// from the last number known whenever the connection is lost. The browser's own reconnecting is not
// used, because it would ask for the same old starting point again.

import { ApiError, fetchMessages, openEvents } from "./api.js";

/** @import { Message } from "./types.js" */
/** @import { Room } from "./room.js" */

const PAGE = 1_000;
const GLANCE_MS = 10_000;
const WAITS_MS = [500, 1_000, 2_000, 4_000, 8_000, 15_000];

/**
 * Everything after the last message known, page by page.
 * @param {Room} room
 * @param {(messages: Message[]) => void} deliver
 */
export async function catchUp(room, deliver) {
  for (;;) {
    const before = room.last;
    const page = await fetchMessages(room.slug, before, PAGE);
    deliver(page);
    if (page.length < PAGE || room.last === before) return;
  }
}

export class Live {
  /**
   * @param {Room} room
   * @param {{ deliver: (messages: Message[]) => void, state: (isOnline: boolean) => void }} listener
   */
  constructor(room, listener) {
    this.room = room;
    this.listener = listener;
    this.failures = 0;
    this.isClosed = false;
    /** @type {EventSource | null} */
    this.events = null;
    this.timer = 0;
    this.run = 0;
  }

  /** Connects, at once and anew: whatever was under way before is given up. */
  async connect() {
    if (this.isClosed) return;
    const run = (this.run += 1);
    const isCurrent = () => run === this.run && !this.isClosed;
    this.drop();
    try {
      await catchUp(this.room, (page) => isCurrent() && this.listener.deliver(page));
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (isCurrent()) this.retryLater();
      return;
    }
    if (isCurrent()) this.listen();
  }

  listen() {
    const events = openEvents(this.room.slug, this.room.last);
    this.events = events;
    events.onopen = () => {
      this.failures = 0;
      this.listener.state(true);
    };
    events.onmessage = (event) => this.listener.deliver([JSON.parse(event.data)]);
    events.onerror = () => {
      if (this.events === events) this.retryLater();
    };
  }

  retryLater() {
    this.drop();
    this.listener.state(false);
    const wait = WAITS_MS[Math.min(this.failures, WAITS_MS.length - 1)];
    this.failures += 1;
    this.timer = setTimeout(() => this.connect(), wait);
  }

  /** For a tab that nobody looks at: a browser has few connections for all tabs, so this one asks now and then. */
  rest() {
    if (this.isClosed) return;
    this.run += 1;
    this.drop();
    this.timer = setTimeout(() => this.glance(), GLANCE_MS);
  }

  async glance() {
    const run = this.run;
    try {
      await catchUp(this.room, (page) => run === this.run && this.listener.deliver(page));
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
    }
    if (run === this.run) this.rest();
  }

  /** Tries at once when a connection is being waited for, as when the network or the tab comes back. */
  hurry() {
    if (this.events === null) this.connect();
  }

  drop() {
    clearTimeout(this.timer);
    this.events?.close();
    this.events = null;
  }

  close() {
    this.isClosed = true;
    this.drop();
  }
}
