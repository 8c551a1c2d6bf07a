// @ts-check
// The chat API over fetch: one function per call, and one error type that says what a caller can do.
// Keeps no state and never retries; live.js and outbox.js decide that.

/** @import { Community, Draft, Message, Offer } from "./types.js" */

const TIMEOUT_MS = 15_000;

/** A call that did not work; `status` 0 means that the server was not reached. */
export class ApiError extends Error {
  /** @param {number} status @param {string} message */
  constructor(status, message) {
    super(message);
    this.status = status;
  }

  /** Whether the same call may work later: the network, a busy server or one that is starting. */
  get isPassing() {
    return this.status === 0 || this.status === 408 || this.status === 429 || this.status >= 500;
  }
}

/**
 * @param {string} path
 * @param {unknown} [body] posted as JSON when given
 * @returns {Promise<any>}
 */
async function call(path, body) {
  /** @type {RequestInit} */
  const request = { cache: "no-store", signal: AbortSignal.timeout(TIMEOUT_MS) };
  if (body !== undefined) {
    Object.assign(request, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) });
  }
  let answer;
  try {
    answer = await fetch(path, request);
    const text = await answer.text();
    if (answer.ok) return text ? JSON.parse(text) : null;
  } catch (error) {
    throw new ApiError(0, String(error));
  }
  throw new ApiError(answer.status, `${path} answered ${answer.status}`);
}

/** @param {string} slug @param {string} rest */
const chat = (slug, rest) => `/api/chat/${encodeURIComponent(slug)}/${rest}`;

/** @returns {Promise<Community[]>} */
export const fetchCommunities = () => call("/api/chat/communities");

/** @param {string} slug @param {number} after @param {number} limit @returns {Promise<Message[]>} */
export const fetchMessages = (slug, after, limit) => call(chat(slug, `messages?after=${after}&limit=${limit}`));

/** @param {Draft} draft */
export const postMessage = ({ slug, from, text, key, mentions }) => call(chat(slug, "messages"), { from, text, key, mentions });

/** @param {string} slug @param {string} member @param {string | null} inviter */
export const postJoin = (slug, member, inviter) =>
  call(chat(slug, "joins"), inviter === null ? { member } : { member, invited_by: inviter });

/** @param {string} slug @param {string} advance as in `3h`, `90m`, `1d` @returns {Promise<{ now: string }>} */
export const postClock = (slug, advance) => call(chat(slug, "clock"), { advance });

/**
 * The offers, which only help to find closing times: none when this page may not read them.
 * @param {string} slug
 * @returns {Promise<Offer[]>}
 */
export async function fetchOffers(slug) {
  try {
    const answer = await call(`/api/communities/${encodeURIComponent(slug)}/offers`);
    return Array.isArray(answer) ? answer : (answer?.items ?? []);
  } catch {
    return [];
  }
}

/** @param {string} slug @param {number} after */
export const openEvents = (slug, after) => new EventSource(chat(slug, `events?after=${after}`));
