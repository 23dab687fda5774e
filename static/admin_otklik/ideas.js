// Keys of ideas: j and k walk, x ticks, Enter opens, / goes to the search, z takes the last act back.
(() => {
  const rows = [...document.querySelectorAll("[data-row]")];
  let at = -1;
  const go = (to) => {
    rows[at]?.removeAttribute("aria-current");
    at = Math.max(0, Math.min(rows.length - 1, to));
    rows[at]?.setAttribute("aria-current", "true");
    rows[at]?.querySelector("a").focus();
  };
  const acts = {
    j: () => go(at + 1), k: () => go(at - 1),
    x: () => rows[at]?.querySelector("input[type=checkbox]")?.click(),
    z: () => document.querySelector("[data-key=z]")?.click(),
    "/": () => document.getElementById("find")?.focus(),
  };
  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input:not([type=checkbox]), select, textarea")) return;
    if (!acts[event.key]) return;
    event.preventDefault();
    acts[event.key]();
  });
})();
