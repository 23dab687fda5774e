// Keys of the queue: j and k walk, r lets the current answer count, x rejects it, z takes the last act back.
(() => {
  const rows = [...document.querySelectorAll(".review .entry")];
  let at = -1;
  const go = (to) => {
    rows[at]?.removeAttribute("aria-current");
    at = Math.max(0, Math.min(rows.length - 1, to));
    rows[at]?.setAttribute("aria-current", "true");
    rows[at]?.querySelector("a").focus();
  };
  const press = (name) => (at < 0 ? rows[go(0), 0] : rows[at])?.querySelector(`[name=${name}]`)?.click();
  const acts = {
    j: () => go(at + 1), k: () => go(at - 1), r: () => press("release"), x: () => press("reject"),
    z: () => document.querySelector(".review [data-key=z]")?.click(),
  };
  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input:not([type=checkbox]), select, textarea")) return;
    acts[event.key]?.();
  });
})();
