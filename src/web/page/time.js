// @ts-check
// Reading and wording instants. Times are shown as the community's own wall clock: the offset inside
// the RFC 3339 text counts, never the time zone of the browser.

/** @import { Strings } from "./strings.js" */

const DAY_MS = 86_400_000;

/**
 * A wall-clock reading: `ms` is the instant, `local` the same shifted so that its UTC fields are local.
 * @typedef {{ ms: number, local: Date, offsetMin: number }} Reading
 */

/**
 * @param {string} text RFC 3339
 * @param {number} [utcOffsetMin] the offset to show when the text is in UTC
 * @returns {Reading}
 */
export function readInstant(text, utcOffsetMin = 0) {
  const ms = Date.parse(text);
  const sign = /([+-])(\d\d):?(\d\d)$/.exec(text);
  const offsetMin = sign ? (sign[1] === "-" ? -1 : 1) * (Number(sign[2]) * 60 + Number(sign[3])) : utcOffsetMin;
  return { ms, local: new Date(ms + offsetMin * 60_000), offsetMin };
}

/** @param {Reading} reading */
export const hourMinute = ({ local }) => `${two(local.getUTCHours())}:${two(local.getUTCMinutes())}`;

/** @param {number} n */
const two = (n) => String(n).padStart(2, "0");

/** @param {Reading} reading */
const dayNumber = ({ local }) => Math.floor(local.getTime() / DAY_MS);

/**
 * As chats word it: the time today, else yesterday, the weekday, or the date before it.
 * @param {Reading} at
 * @param {Reading} now
 * @param {Strings} strings
 */
export function wordInstant(at, now, strings) {
  const age = dayNumber(now) - dayNumber(at);
  const time = hourMinute(at);
  if (age === 0) return time;
  if (age === 1) return `${strings.yesterday} ${time}`;
  if (age > 1 && age < 7) return `${strings.weekdays[at.local.getUTCDay()]} ${time}`;
  return `${wordDate(at, strings)} ${time}`;
}

/** @param {Reading} at @param {Strings} strings */
export function wordDate(at, strings) {
  return strings.date(at.local.getUTCFullYear(), at.local.getUTCMonth() + 1, at.local.getUTCDate());
}

/** @param {Reading} at @param {Strings} strings */
export const wordDay = (at, strings) => `${wordDate(at, strings)} ${strings.weekdays[at.local.getUTCDay()]}`;
