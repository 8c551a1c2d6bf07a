// @ts-check
// Avatars drawn from a name alone, so that a member looks the same on every page and after every
// restart. No picture is ever fetched.

const SVG = "http://www.w3.org/2000/svg";

/** Pairs of a ground and a deeper tone of it; white letters are readable on all of them. */
const PALETTE = [
  ["#f2745f", "#d95543"], ["#e8943a", "#cc7722"], ["#b9973b", "#9c7c24"], ["#5aa469", "#3f8750"], ["#3a9e91", "#257f74"],
  ["#3d9cc4", "#2680a7"], ["#5b84d7", "#4069bd"], ["#7d74d6", "#6158bd"], ["#a56cc1", "#8a50a6"], ["#d0679d", "#b54c82"],
  ["#8d7b6c", "#726153"], ["#64808f", "#4b6675"],
];

/** @param {string} name FNV-1a over its UTF-16 units */
function hash(name) {
  let value = 0x811c9dc5;
  for (let i = 0; i < name.length; i += 1) value = Math.imul(value ^ name.charCodeAt(i), 0x01000193) >>> 0;
  return (value ^ (value >>> 15)) >>> 0;
}

/** @param {string} name the last Chinese character, as people are called, or up to two initials */
function letters(name) {
  const characters = [...name.trim()];
  if (characters.some((c) => /\p{Script=Han}/u.test(c))) {
    return characters.filter((c) => /\p{Script=Han}/u.test(c)).slice(-1).join("");
  }
  const initials = name.trim().split(/\s+/).map((word) => [...word][0] ?? "").slice(0, 2).join("");
  return (initials || "?").toUpperCase();
}

/** @param {string} tag @param {Record<string, string>} attributes */
function shape(tag, attributes) {
  const node = document.createElementNS(SVG, tag);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  return node;
}

/**
 * A square picture for a name; decorative, since the name always stands beside it.
 * @param {string} name
 * @param {boolean} [bot] the shop's own helper wears the shop's sign
 * @returns {SVGElement}
 */
export function avatar(name, bot = false) {
  const seed = hash(name);
  const [ground, deep] = bot ? ["#12c96a", "#06a850"] : PALETTE[seed % PALETTE.length];
  const svg = /** @type {SVGElement} */ (shape("svg", { viewBox: "0 0 40 40", class: "avatar", "aria-hidden": "true" }));
  const hill = 22 + ((seed >>> 8) % 9);
  const sun = 7 + ((seed >>> 12) % 26);
  svg.append(
    shape("rect", { width: "40", height: "40", fill: ground }),
    shape("circle", { cx: String(sun), cy: "10", r: String(6 + ((seed >>> 17) % 5)), fill: "#fff", opacity: "0.16" }),
    shape("path", { d: `M0 ${hill} Q12 ${hill - 9} 22 ${hill + 2} T40 ${hill - 3} V40 H0 Z`, fill: deep, opacity: "0.75" }),
  );
  const text = letters(name);
  const label = shape("text", {
    x: "20", y: "20", "text-anchor": "middle", "dominant-baseline": "central", fill: "#fff", "font-weight": "600",
    "font-size": text.length > 1 ? "15" : "19",
  });
  label.textContent = text;
  svg.append(label);
  return svg;
}

/**
 * A group's picture: the first nine members' avatars in a grid, as group chats show it.
 * @param {string[]} names
 * @returns {HTMLElement}
 */
export function groupAvatar(names) {
  const grid = document.createElement("span");
  const shown = names.slice(0, 9);
  grid.className = `group-avatar ${shown.length > 4 ? "group-nine" : "group-four"}`;
  grid.append(...shown.map((name) => avatar(name)));
  return grid;
}
