// Replaces a piece of the page while it changes: <… data-refresh-url="…" data-refresh-fragment="card">.
// The answer is the same piece; when it no longer carries data-refresh-url, all is said.

const FIRST = 500, SLOWEST = 8000, GROWTH = 1.25, GIVE_UP = 12;
const watched = new WeakSet();

function watch(element) {
  if (watched.has(element)) return;
  watched.add(element);
  schedule(element, Number(element.dataset.refreshWait) || FIRST, 0);
}

function schedule(element, wait, failures) {
  setTimeout(() => ask(element, wait, failures), wait);
}

async function ask(element, wait, failures) {
  if (!element.isConnected) return;
  const slower = Math.min(wait * GROWTH, SLOWEST);
  if (document.hidden) return schedule(element, wait, failures);
  try {
    const answer = await fetch(element.dataset.refreshUrl, {
      headers: { "X-Fragment": element.dataset.refreshFragment || "piece", Accept: "text/html" },
      credentials: "same-origin",
    });
    if (answer.status === 204 || answer.status === 304) return schedule(element, slower, 0);
    // Signed out or taken away: stay as it is, the next click tells.
    if (!answer.ok || answer.redirected) return failures < GIVE_UP && schedule(element, slower, failures + 1);
    replace(element, await answer.text(), slower);
  } catch {
    if (failures < GIVE_UP) schedule(element, slower, failures + 1);
  }
}

function replace(element, html, wait) {
  const fresh = new DOMParser().parseFromString(html, "text/html").body.firstElementChild;
  if (!fresh) return schedule(element, wait, 0);
  if (fresh.outerHTML === element.outerHTML) return schedule(element, wait, 0);
  const focused = element.contains(document.activeElement) ? document.activeElement.id : "";
  if (fresh.dataset.refreshUrl) fresh.dataset.refreshWait = String(Math.round(wait));
  element.replaceWith(fresh);
  if (focused) document.getElementById(focused)?.focus();
  fresh.dispatchEvent(new CustomEvent("piece:changed", { bubbles: true }));
}

const find = (root) => {
  if (root.matches?.("[data-refresh-url]")) watch(root);
  root.querySelectorAll?.("[data-refresh-url]").forEach(watch);
};
find(document);
new MutationObserver((changes) => {
  changes.forEach((change) => change.addedNodes.forEach(find));
}).observe(document.body, { childList: true, subtree: true });
