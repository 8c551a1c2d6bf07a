// @ts-check
// What this page knows of one chat: its newest messages in order, each once, and how many are unread.
// Knows nothing of the screen or the network.

/** @import { Message } from "./types.js" */

const KEPT = 4_000;

/** @param {Message} message @param {string} speaker whether this member sees the message at all */
export const isVisibleTo = (message, speaker) => !message.private || message.to === speaker || message.from === speaker;

/** @param {Message} message @param {string} name whether it speaks to this member by name */
export const concerns = (message, name) => message.to === name || (message.mentions ?? []).includes(name);

export class Room {
  /** @param {string} slug */
  constructor(slug) {
    this.slug = slug;
    /** @type {Message[]} */
    this.messages = [];
    this.last = 0;
    this.unread = 0;
    this.isCaughtUp = false;
    /** @type {Map<string, number>} private messages that came while somebody else was speaking */
    this.privateUnread = new Map();
  }

  /**
   * Takes messages in, in any order and however often.
   * @param {Message[]} incoming
   * @returns {{ fresh: Message[], inOrder: boolean }} what was new, and whether it all belongs at the end
   */
  add(incoming) {
    const known = new Set(this.messages.map((message) => message.n));
    const fresh = incoming.filter((message) => !known.has(message.n) && known.add(message.n));
    fresh.sort((a, b) => a.n - b.n);
    const inOrder = fresh.every((message) => message.n > this.last);
    this.messages.push(...fresh);
    if (!inOrder) this.messages.sort((a, b) => a.n - b.n);
    if (this.messages.length > KEPT) this.messages.splice(0, this.messages.length - KEPT);
    this.last = this.messages.at(-1)?.n ?? 0;
    return { fresh, inOrder };
  }

  /** @param {string} speaker the newest message this member sees */
  newest(speaker) {
    return this.messages.findLast((message) => isVisibleTo(message, speaker)) ?? null;
  }

  /** @param {Message[]} fresh counts live private messages for members other than the one speaking @param {string} speaker */
  notePrivate(fresh, speaker) {
    for (const { private: isPrivate, to } of fresh) {
      if (isPrivate && to !== null && to !== speaker) this.privateUnread.set(to, (this.privateUnread.get(to) ?? 0) + 1);
    }
  }
}
