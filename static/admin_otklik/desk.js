// The theme's scroll areas call themselves "scrollable content" in every language; name each by its heading.
document.addEventListener("DOMContentLoaded", () => {
  // On a narrow screen these labels head the cells; the sheet keeps the theme from capitalising every word.
  document.querySelectorAll("[data-label]").forEach(({dataset}) => {
    dataset.label = dataset.label.charAt(0).toUpperCase() + dataset.label.slice(1);
  });
  // On a narrow screen nothing is said of what is not there.
  document.querySelectorAll("#main td[data-label]").forEach((cell) => cell.classList.toggle("nothing", /^[—-]$/.test(cell.textContent.trim())));
  // The theme writes a chosen file's name into the first text field that it finds; ours ask for something else.
  document.querySelectorAll(".desk input[type=file]").forEach((input) => { input.hasChangeListener = true; });
  const page = document.querySelector("h1");
  document.querySelectorAll("[data-simplebar]").forEach((area) => {
    const heading = area.closest("fieldset")?.querySelector("h2") || page?.lastElementChild;
    if (heading) area.setAttribute("data-simplebar-aria-label", heading.textContent.trim().replace(/\s+/g, " "));
  });
});

// A slash goes to the search, unless somebody is writing.
document.addEventListener("keydown", (event) => {
  const field = document.getElementById("find");
  if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || !field) return;
  if (document.querySelector("dialog[open]")) return;
  // A dialog that closed may keep the focus until the browser paints.
  if (event.target.closest("input:not([type=checkbox]), textarea, select, [contenteditable]") && !event.target.closest("dialog")) return;
  event.preventDefault();
  field.select();
});

// The filters and the export lie over the list: Escape puts them away.
document.addEventListener("keydown", (event) => {
  const panel = event.key === "Escape" && document.querySelector(".desk .filters[open]");
  if (!panel) return;
  event.preventDefault();
  panel.open = false;
  panel.querySelector("summary").focus();
});

// The theme hides the page until its own script runs: too late for the browser to focus the field that asks for it.
addEventListener("load", () => {
  if (document.activeElement === document.body) document.querySelector("[autofocus]")?.focus();
});

// Paper is white: what is printed at night is printed by day.
let wasDark = false;
addEventListener("beforeprint", () => {
  wasDark = document.documentElement.classList.contains("dark");
  document.documentElement.classList.remove("dark");
});
addEventListener("afterprint", () => document.documentElement.classList.toggle("dark", wasDark));
