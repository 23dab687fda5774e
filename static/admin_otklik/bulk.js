// Choosing rows by mouse, touch and keys; with rows chosen, a key of the desk acts on all of them.
(() => {
  const desk = document.querySelector(".desk.picks");
  const form = document.getElementById("bulk");
  if (!desk || !form) return;
  const picked = form.querySelector("[data-picked]");
  const boxes = () => [...desk.querySelectorAll(".pick input")];
  const chosen = () => boxes().filter((box) => box.checked);
  let last = null; // where a range begins

  function show() {
    const count = chosen().length;
    picked.textContent = count ? `: ${count}` : "";
  }

  function choose(box, on) {
    if (box.checked !== on) box.click();
  }

  desk.addEventListener("click", (event) => {
    const box = event.target.closest(".pick input");
    if (!box) return;
    const all = boxes();
    const from = all.indexOf(last);
    if (event.shiftKey && from >= 0) {
      const to = all.indexOf(box);
      for (const between of all.slice(Math.min(from, to), Math.max(from, to) + 1)) between.checked = box.checked;
    }
    last = box;
    show();
  });
  form.addEventListener("reset", () => setTimeout(show));
  // Enter on a box would send the form; here it opens the comment, as on the rest of the row.
  desk.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !event.target.matches(".pick input")) return;
    event.preventDefault();
    event.target.closest(".row").querySelector(".tl").click();
  });

  function choosePage() {
    const all = boxes();
    const on = all.some((box) => !box.checked);
    for (const box of all) box.checked = on;
    show();
  }
  form.querySelector("[data-bulk-page]").addEventListener("click", choosePage);

  function press(act, more) {
    if (more) form.elements.more.value = more;
    form.requestSubmit(form.querySelector(`button[value="${act}"]:not([tabindex])`));
  }

  function reach(field) {
    const folded = field.closest("details");
    if (folded) folded.open = true;
    field.focus();
  }

  const TONES = {1: "positive", 2: "negative", 3: "neutral", 4: "mixed"};

  // What the keys of the desk mean for the chosen rows; `keys.js` asks first, and does nothing when it was used.
  document.addEventListener("desk-key", (event) => {
    const {key, row} = event.detail;
    const box = row?.querySelector(".pick input");
    if (key === "x" && box) choose(box, !box.checked);
    else if (key === "a") choosePage();
    else if (!chosen().length) return;
    else if (key === "e") press("done");
    else if (key in TONES) press("more", `tone:${TONES[key]}`);
    else if (key === "c") press("more", "constructive:yes");
    else if (key === "t" || key === "g") reach(form.querySelector(`[data-bulk="${key}"]`));
    else return;
    event.preventDefault();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !event.defaultPrevented && chosen().length && !document.querySelector("dialog[open]")) form.reset();
  });
  // A page that the browser kept, or filled in again, may come with rows chosen.
  addEventListener("pageshow", show);
  show();
})();
