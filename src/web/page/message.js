// @ts-check
// From one message to its nodes: bubbles, pictures, system lines, time separators, drafts.
// Decides how a message looks, not where it goes.

import { avatar } from "./avatars.js";
import { el } from "./dom.js";
import { splitText } from "./text.js";
import { readInstant, wordInstant } from "./time.js";

/** @import { Draft, Member, Message } from "./types.js" */
/** @import { Strings } from "./strings.js" */
/** @import { Reading } from "./time.js" */

/**
 * What rendering depends on besides the message: who looks, in which words, when, among whom.
 * @typedef {{ speaker: string, strings: Strings, now: Reading, members: Map<string, Member> }} View
 */

/** @typedef {{ mention: (name: string) => void, enlarge: (source: string, words: string) => void, retry: (draft: Draft) => void }} Actions */

/** @param {Message} message @param {View} view @param {Actions} actions @returns {HTMLElement} */
export function messageNode(message, view, actions) {
  if (message.system) return el("p", { class: "system", "data-n": String(message.n) }, message.text);
  const isMine = !message.bot && message.from === view.speaker;
  const row = el("div", { class: `row ${isMine ? "mine" : "theirs"}`, "data-n": String(message.n), "data-from": message.from });
  if (message.bot) row.dataset.bot = "true";
  if (message.mentions?.length) row.dataset.mentions = message.mentions.join("\n");
  if (message.private) row.classList.add("private");
  const body = el("div", { class: "body" }, nameLine(message, view), bubble(message, view, actions));
  if (message.private) body.append(el("span", { class: "private-mark" }, view.strings.onlyYou));
  row.append(face(message, isMine, actions), body);
  row.title = wordInstant(readInstant(message.at, view.now.offsetMin), view.now, view.strings);
  return row;
}

/** @param {Message} message @param {boolean} isMine @param {Actions} actions */
function face(message, isMine, actions) {
  if (isMine) return el("span", { class: "face" }, avatar(message.from));
  const button = el("button", { type: "button", class: "face", "aria-label": `@${message.from}`, tabindex: "-1" }, avatar(message.from, message.bot));
  button.addEventListener("click", () => actions.mention(message.from));
  return button;
}

/** @param {Message} message @param {View} view */
function nameLine(message, view) {
  const line = el("span", { class: "name" }, message.from);
  if (message.bot) line.append(" ", el("span", { class: "tag tag-bot" }, view.strings.bot));
  else if (view.members.get(message.from)?.role === "leader") line.append(" ", el("span", { class: "tag tag-leader" }, view.strings.leader));
  return line;
}

/** @param {Message} message @param {View} view @param {Actions} actions */
function bubble(message, view, actions) {
  const node = el("div", { class: "bubble" });
  if (message.image !== null) {
    node.classList.add("with-picture");
    node.append(picture(message.image, message.text, view, actions));
  }
  if (message.text !== "") node.append(words(message.text, message.mentions ?? [], view));
  if (message.file) node.append(el("a", { class: "file", href: message.file.href, download: message.file.name }, message.file.name));
  return node;
}

/** @param {string} text @param {string[]} mentions @param {View} view */
function words(text, mentions, view) {
  const node = el("div", { class: "words" });
  for (const piece of splitText(text, mentions, [...view.members.keys()])) {
    if (piece.kind === "text") node.append(piece.text);
    else if (piece.kind === "link") node.append(el("a", { href: piece.text, target: "_blank", rel: "noopener noreferrer" }, piece.text));
    else node.append(el("span", { class: piece.name === view.speaker ? "mention me" : "mention" }, piece.text));
  }
  return node;
}

/** @param {string} source @param {string} text @param {View} view @param {Actions} actions */
function picture(source, text, view, actions) {
  const caption = text.split("\n", 1)[0] || view.strings.picture;
  const image = el("img", { src: source, alt: caption, loading: "eager", decoding: "async" });
  const button = el("button", { type: "button", class: "picture", title: view.strings.enlarge }, image);
  button.addEventListener("click", () => actions.enlarge(source, caption));
  image.addEventListener("error", () => button.replaceWith(el("span", { class: "picture-gone" }, view.strings.imageGone)), { once: true });
  return button;
}

/** @param {string} at @param {View} view a line with the time, worded again when the clock moves */
export function separatorNode(at, view) {
  const reading = readInstant(at, view.now.offsetMin);
  return el("p", { class: "separator" }, el("time", { datetime: at }, wordInstant(reading, view.now, view.strings)));
}

/** @param {Draft} draft @param {View} view @param {Actions} actions @returns {HTMLElement} */
export function draftNode(draft, view, actions) {
  const row = el("div", { class: `row ${draft.from === view.speaker ? "mine" : "theirs"} draft ${draft.state}`, "data-key": draft.key });
  const body = el("div", { class: "body" }, el("span", { class: "name" }, draft.from));
  const line = el("div", { class: "draft-line" }, el("div", { class: "bubble" }, words(draft.text, [], view)));
  if (draft.state === "failed") line.prepend(retryButton(draft, view, actions));
  else if (draft.state !== "accepted") line.prepend(el("span", { class: "spinner", role: "img", "aria-label": view.strings.sending }));
  body.append(line);
  if (draft.state === "failed") body.append(el("span", { class: "draft-note", role: "alert" }, view.strings.failed));
  if (draft.state === "waiting") body.append(el("span", { class: "draft-note" }, view.strings.waiting));
  row.append(el("span", { class: "face" }, avatar(draft.from)), body);
  return row;
}

/** @param {Draft} draft @param {View} view @param {Actions} actions */
function retryButton(draft, view, actions) {
  const button = el("button", { type: "button", class: "retry" }, el("span", { "aria-hidden": "true" }, "!"), ` ${view.strings.retry}`);
  button.addEventListener("click", () => actions.retry(draft));
  return button;
}
