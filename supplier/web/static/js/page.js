// On every page: switches what needs a script, submits filters, brings errors into view.

// The drop zone switches its own parts, once dropzone.js has taken over.
const outside = (element) => !element.closest("[data-dropzone]");
[...document.querySelectorAll("[data-with-script]")].filter(outside).forEach((element) => { element.hidden = false; });
[...document.querySelectorAll("[data-without-script]")].filter(outside).forEach((element) => { element.hidden = true; });

// Browsers without ::details-content cannot show a closed menu: open it where there is room.
if (!CSS.supports("selector(::details-content)") && matchMedia("(min-width: 62rem)").matches) {
  document.querySelectorAll(".v-rail-menu").forEach((menu) => { menu.open = true; });
}

document.addEventListener("change", (event) => {
  const form = event.target.closest("form[data-submit-on-change]");
  if (form && event.target.matches("select, [type=checkbox], [type=radio], [type=date]")) form.requestSubmit();
});

// A second press while the first is on its way would do the act twice.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post" || event.defaultPrevented) return;
  if (form.dataset.sent) { event.preventDefault(); return; }
  form.dataset.sent = "1";
  // A download leaves the page where it is.
  setTimeout(() => { delete form.dataset.sent; }, 5000);
});
// Coming back by the browser's button shows the page as it was left: allow a new try.
addEventListener("pageshow", () => {
  document.querySelectorAll("form[data-sent]").forEach((form) => { delete form.dataset.sent; });
});

document.querySelector("[data-focus]")?.focus();
