// A capture of another page: pasted, or dropped anywhere on this one, it stands in its field.

document.querySelectorAll("input[data-capture]").forEach((field) => {
  const wanted = field.accept.split(",");
  const take = (files) => {
    const file = [...(files ?? [])].find((one) => wanted.includes(one.type));
    if (!file) return;
    const held = new DataTransfer();
    held.items.add(file);
    field.files = held.files;
    field.dispatchEvent(new Event("change", { bubbles: true }));
  };
  const hasFiles = (event) => [...(event.dataTransfer?.types ?? [])].includes("Files");
  // A text that is pasted into the comment has no file: it goes where it was meant to.
  addEventListener("paste", (event) => take(event.clipboardData?.files));
  // The whole window takes it: a near miss must not make the browser open the picture instead.
  addEventListener("dragover", (event) => { if (hasFiles(event)) event.preventDefault(); });
  addEventListener("drop", (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    take(event.dataTransfer.files);
  });
});
