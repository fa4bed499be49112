// Keys for people who do the same thing two hundred times. They act only outside fields, never with
// Ctrl, Alt or the command key, and can be switched off in the dialog that `?` opens (WCAG 2.1.4).

const STORE = "vigie.keys";
const PAUSE = 1500;
let first = "", firstAt = 0;

const dialog = document.querySelector("[data-keys-dialog]");
const words = document.querySelector("[data-keys-words]")?.dataset ?? {};

const on = () => { try { return localStorage.getItem(STORE) !== "off"; } catch { return true; } };
const turn = (wanted) => { try { localStorage.setItem(STORE, wanted ? "on" : "off"); } catch { /* private window */ } };
const seen = (element) => element.checkVisibility?.({ visibilityProperty: true }) ?? element.offsetParent !== null;

function inField(element) {
  if (!element) return false;
  if (element.isContentEditable || element.matches("textarea, select")) return true;
  return element.matches("input:not([type=checkbox], [type=radio], [type=button], [type=submit], [type=file])");
}

function target(key) {
  return [...document.querySelectorAll("[data-key]")].find(
    (element) => element.dataset.key === key && !element.disabled
      // Already there (R, then a digit, then R again): the next one with this key is meant.
      && !(element.matches("fieldset") && element.contains(document.activeElement))
      && element.getAttribute("aria-disabled") !== "true" && (seen(element) || element.matches("[type=radio]")),
  );
}

function press(element) {
  if (element.matches("[type=radio], [type=checkbox]")) { element.focus(); element.click(); return; }
  if (element.matches("a, button")) { element.click(); return; }
  element.focus();
  element.select?.();
}

const rows = () => [...document.querySelectorAll("[data-key-list] [data-key-row]")].filter(seen);
const current = () => document.activeElement?.closest?.("[data-key-row]") ?? document.querySelector("[data-key-row].is-current");

function go(step) {
  const all = rows();
  if (!all.length) return false;
  const at = all.indexOf(current());
  const row = all[at < 0 ? (step > 0 ? 0 : all.length - 1) : Math.max(0, Math.min(all.length - 1, at + step))];
  all.forEach((one) => one.classList.toggle("is-current", one === row));
  (row.querySelector("a[href]") ?? row.querySelector("button, input") ?? row).focus();
  row.scrollIntoView({ block: "nearest" });
  return true;
}

function choose() {
  const box = current()?.querySelector("input[type=checkbox]");
  if (!box) return false;
  box.click();
  return true;
}

function help() {
  if (!dialog) return false;
  const list = dialog.querySelector("[data-keys-list]");
  const lines = new Map([["?", words.help]]);
  if (rows().length) { lines.set("J", words.next); lines.set("K", words.previous); }
  if (document.querySelector("[data-key-row] input[type=checkbox]")) lines.set("X", words.choose);
  document.querySelectorAll("[data-key]").forEach((element) => {
    if (seen(element) && !lines.has(element.dataset.key.toUpperCase())) lines.set(element.dataset.key.toUpperCase(), name(element));
  });
  list.replaceChildren(...[...lines].flatMap(([key, what]) => {
    const term = document.createElement("dt"), said = document.createElement("dd"), cap = document.createElement("kbd");
    cap.textContent = key;
    term.append(cap);
    said.textContent = what ?? "";
    return [term, said];
  }));
  dialog.querySelector("[data-keys-switch]").checked = on();
  dialog.showModal();
  return true;
}

function name(element) {
  if (element.dataset.keyLabel) return element.dataset.keyLabel;
  if (element.getAttribute("aria-label")) return element.getAttribute("aria-label");
  const from = (element.closest("label") ?? element.querySelector("legend") ?? element).cloneNode(true);
  from.querySelectorAll("kbd").forEach((cap) => cap.remove());
  return from.textContent.trim().replace(/\s+/g, " ");
}

function act(key) {
  const pair = target(`${first} ${key}`);
  if (pair && performance.now() - firstAt < PAUSE) { first = ""; press(pair); return true; }
  first = key;
  firstAt = performance.now();
  const found = target(key);
  if (found) { press(found); return true; }
  if (key === "j") return go(1);
  if (key === "k") return go(-1);
  if (key === "x") return choose();
  return false;
}

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.isComposing || event.repeat && !"jk".includes(event.key)) return;
  if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
  // Enter on a reason would press the form's first button, which accepts.
  const reasons = event.key === "Enter" && event.target.closest("fieldset[data-key]");
  if (reasons) { event.preventDefault(); const button = target(reasons.dataset.key); if (button) press(button); return; }
  if (event.key === "Escape" && inField(event.target)) { event.target.blur(); return; }
  if (inField(event.target) || event.key.length !== 1) return;
  // `?` answers even when keys are off: it is the way to switch them on again.
  const done = event.key === "?" ? help() : on() && act(event.key.toLowerCase());
  if (done) event.preventDefault();
});

dialog?.querySelector("[data-keys-switch]").addEventListener("change", (event) => turn(event.target.checked));
document.querySelectorAll("[data-keys-open]").forEach((button) => {
  button.hidden = false;
  button.addEventListener("click", help);
});
