/** Small helpers to find and make elements. */

/**
 * @template {Element} [T=HTMLElement]
 * @param {string} id
 * @returns {T}
 */
export function byId(id) {
  const element = document.getElementById(id);
  if (!element) throw new Error(`the page has no element #${id}`);
  return /** @type {T} */ (/** @type {unknown} */ (element));
}

/**
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag
 * @param {string} [className]
 * @param {...(Node | string)} content text stays text, whatever is in it.
 * @returns {HTMLElementTagNameMap[K]}
 */
export function make(tag, className = "", ...content) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  element.append(...content);
  return element;
}

/** Faster than one reads, and seldom enough to leave the time to audio and clears. */
const EVERY_MS = 80;

/**
 * Return a function that has something done soon, and once for all calls until then.
 *
 * What comes from the bridge must not wait for the page to be laid out.
 *
 * @param {() => void} action
 */
export function batched(action) {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  return () => {
    timer ??= setTimeout(() => {
      timer = undefined;
      action();
    }, EVERY_MS);
  };
}

/**
 * Change a list that grows at its end, and stay at the end if one was there.
 *
 * @param {HTMLElement} list
 * @param {() => void} change
 */
export function keepingTheEnd(list, change) {
  const wasAtEnd = list.scrollTop + list.clientHeight >= list.scrollHeight - 8;
  change();
  if (wasAtEnd) list.scrollTop = list.scrollHeight;
}

/**
 * @param {number | null} ms
 * @returns {string} whole milliseconds, or a dash for what is not known.
 */
export function wholeMs(ms) {
  return ms === null ? "–" : Math.round(ms).toLocaleString("en");
}
