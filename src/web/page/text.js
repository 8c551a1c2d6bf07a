// @ts-check
// Reading a message's text for display: who is mentioned, what is a link, which offer code comes first.
// Pure functions over strings; message.js turns the pieces into nodes.

/** @import { Mention } from "./types.js" */
/** @typedef {{ kind: "text" | "mention" | "link", text: string, name?: string }} Piece */

const LINK = /https?:\/\/[^\s<>"'，。；、！？（）「」]+/g;

/**
 * Splits a text into plain, mentioned and linked pieces. A mention that the text does not name is
 * put in front, since platforms send mentions beside the text.
 * @param {string} text
 * @param {string[]} mentions the names the message says it mentions
 * @param {string[]} names everybody who may stand behind an @
 * @returns {Piece[]}
 */
export function splitText(text, mentions, names) {
  /** @type {Piece[]} */
  let pieces = splitLinks(text).flatMap((piece) => (piece.kind === "text" ? splitAts(piece.text, names.concat(mentions)) : [piece]));
  for (const name of mentions) {
    if (pieces.some((piece) => piece.name === name)) continue;
    pieces = emphasise(pieces, name) ?? [{ kind: "mention", text: `@${name}`, name }, { kind: "text", text: " " }, ...pieces];
  }
  return pieces;
}

/**
 * Whom a text mentions that is about to be sent: whoever stands behind an `@`, by place. Only what is sent
 * along as a mention is one.
 * @param {string} text
 * @param {string[]} names everybody in the room
 * @returns {Mention[]}
 */
export function mentionsIn(text, names) {
  /** @type {Mention[]} */
  const mentions = [];
  let start = 0;
  for (const piece of splitAts(text, names)) {
    if (piece.name !== undefined) mentions.push({ start, length: piece.text.length, name: piece.name });
    start += piece.text.length;
  }
  return mentions;
}

/** @param {string} text @returns {Piece[]} */
function splitLinks(text) {
  /** @type {Piece[]} */
  const pieces = [];
  let end = 0;
  for (const match of text.matchAll(LINK)) {
    pieces.push({ kind: "text", text: text.slice(end, match.index) }, { kind: "link", text: match[0] });
    end = match.index + match[0].length;
  }
  pieces.push({ kind: "text", text: text.slice(end) });
  return pieces.filter((piece) => piece.text !== "");
}

/** @param {string} text @param {string[]} names @returns {Piece[]} */
function splitAts(text, names) {
  /** @type {Piece[]} */
  const pieces = [];
  let start = 0;
  for (let at = text.indexOf("@"); at >= 0; at = text.indexOf("@", at + 1)) {
    const name = longestName(text, at + 1, names);
    if (name === null) continue;
    if (at > start) pieces.push({ kind: "text", text: text.slice(start, at) });
    start = at + 1 + name.length;
    pieces.push({ kind: "mention", text: text.slice(at, start), name });
  }
  if (start < text.length) pieces.push({ kind: "text", text: text.slice(start) });
  return pieces;
}

/** @param {string} text @param {number} from @param {string[]} names @returns {string | null} */
function longestName(text, from, names) {
  let best = null;
  for (const name of names) {
    if (name !== "" && text.startsWith(name, from) && name.length > (best?.length ?? 0)) best = name;
  }
  return best;
}

/** @param {Piece[]} pieces @param {string} name @returns {Piece[] | null} the first plain occurrence marked */
function emphasise(pieces, name) {
  for (const [i, piece] of pieces.entries()) {
    const at = piece.kind === "text" ? piece.text.indexOf(name) : -1;
    if (at < 0) continue;
    const around = /** @type {Piece[]} */ ([
      { kind: "text", text: piece.text.slice(0, at) },
      { kind: "mention", text: name, name },
      { kind: "text", text: piece.text.slice(at + name.length) },
    ]);
    return [...pieces.slice(0, i), ...around.filter((part) => part.text !== ""), ...pieces.slice(i + 1)];
  }
  return null;
}

/**
 * The first offer code of a text, such as `A1`.
 * @param {string} text
 * @returns {string | null}
 */
export function firstCode(text) {
  return /(?<![A-Za-z0-9#])[A-Z][0-9]{1,2}(?![A-Za-z0-9])/.exec(text)?.[0] ?? null;
}
