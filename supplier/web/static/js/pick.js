// Counts the rows that are chosen, and chooses all of a page.

document.querySelectorAll("[data-pick-count]").forEach((count) => {
  const scope = count.closest("form, section") ?? document;
  const boxes = () => [...scope.querySelectorAll(".v-pick")];
  const all = scope.querySelector("[data-pick-all]");
  const show = () => {
    const total = boxes().length, chosen = boxes().filter((box) => box.checked).length;
    const { none, one, many } = count.dataset;
    count.textContent = chosen === 0 ? none : chosen === 1 ? one : many.replace("%d", String(chosen));
    if (!all) return;
    all.hidden = total === 0;
    const box = all.querySelector("input");
    box.checked = total > 0 && chosen === total;
    box.indeterminate = chosen > 0 && chosen < total;
  };
  all?.querySelector("input").addEventListener("change", (event) => {
    boxes().forEach((box) => { box.checked = event.target.checked; });
    show();
  });
  scope.addEventListener("change", (event) => { if (event.target.matches(".v-pick")) show(); });
  show();
});
