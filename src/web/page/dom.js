// @ts-check
// Small helpers over the DOM. Data becomes text nodes and attributes only, never markup.

/**
 * The element with this id, which index.html must contain.
 * @param {string} id
 * @returns {HTMLElement}
 */
export function byId(id) {
  const node = document.getElementById(id);
  if (!node) throw new Error(`index.html lacks #${id}`);
  return node;
}

/**
 * A new element with attributes and children; strings become text.
 * @template {keyof HTMLElementTagNameMap} T
 * @param {T} tag
 * @param {Record<string, string | boolean | null | undefined>} attributes
 * @param {...(Node | string | null)} children
 * @returns {HTMLElementTagNameMap[T]}
 */
export function el(tag, attributes, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === true) node.setAttribute(name, "");
    else if (typeof value === "string") node.setAttribute(name, value);
  }
  for (const child of children) if (child !== null) node.append(child);
  return node;
}

/** What each kept child was made from. @type {WeakMap<Element, string>} */
const madeFrom = new WeakMap();

/**
 * Makes the children of `parent` show these items. A child whose item did not change stays the same
 * node, so that focus, a half-done click and a running animation survive news arriving.
 * @template T
 * @param {HTMLElement} parent
 * @param {T[]} items
 * @param {(item: T) => unknown} facts everything a child shows of its item, as plain data
 * @param {(item: T) => HTMLElement} build
 */
export function reconcile(parent, items, facts, build) {
  const before = new Map([...parent.children].map((child) => [madeFrom.get(child), child]));
  const nodes = items.map((item) => {
    const signature = JSON.stringify(facts(item));
    const kept = before.get(signature);
    before.delete(signature);
    if (kept) return kept;
    const made = build(item);
    madeFrom.set(made, signature);
    return made;
  });
  for (const gone of parent.querySelectorAll(":scope > *")) if (!nodes.includes(gone)) gone.remove();
  for (const [i, node] of nodes.entries()) if (parent.children[i] !== node) parent.insertBefore(node, parent.children[i] ?? null);
}

/**
 * Opens a modal dialog whose cancel buttons, backdrop and Escape close it.
 * @param {HTMLDialogElement} dialog
 */
export function openDialog(dialog) {
  if (!dialog.dataset.wired) {
    dialog.dataset.wired = "yes";
    for (const button of dialog.querySelectorAll("[data-close-dialog]")) button.addEventListener("click", () => dialog.close());
    dialog.addEventListener("click", (event) => {
      if (event.target === dialog) dialog.close();
    });
  }
  if (!dialog.open) dialog.showModal();
}
