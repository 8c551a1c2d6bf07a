// @ts-check
// The shapes the chat API answers with, as JSDoc types. There is nothing to run here.

/** @typedef {{ name: string, role: "member" | "leader", invited_by: string | null }} Member */

/** @typedef {{ slug: string, name: string, locale: string, now: string, members: Member[] }} Community */

/**
 * One line of a chat. A private one is for `to` alone; a system one tells of a join.
 * @typedef {{
 *   n: number, from: string, bot: boolean, to: string | null, text: string, image: string | null,
 *   file?: { name: string, href: string }, at: string, private?: boolean, mentions?: string[], system?: boolean, key?: string
 * }} Message
 */

/** @typedef {{ code: string, state: string, closes_at: string }} Offer */

/** A place of a text, in UTF-16 code units, that mentions somebody. @typedef {{ start: number, length: number, name: string }} Mention */

/**
 * A message on its way to the server. The key stays the same however often it is sent.
 * @typedef {{
 *   key: string, slug: string, from: string, text: string, mentions: Mention[], tries: number, state: "sending" | "waiting" | "accepted" | "failed"
 * }} Draft
 */

export {};
