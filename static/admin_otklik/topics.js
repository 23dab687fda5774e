// The page of a topic: what its cue words find follows what is typed, and a suggested cue becomes a line at a click.
addEventListener("DOMContentLoaded", () => {
  const AFTER = 400; // ms of quiet
  const box = document.querySelector("[data-try]");
  const form = box?.closest("form");
  if (!form) return;
  const shown = box.querySelector("[data-tried]");
  let timer, asking;

  async function ask() {
    asking?.abort();
    const own = asking = new AbortController();
    shown.classList.add("waits");
    const sent = new FormData(form);
    sent.delete("_try");
    try {
      const reply = await fetch(box.dataset.try, {method: "POST", body: sent, signal: own.signal, headers: {Accept: "text/html"}});
      if (!reply.ok || reply.redirected) return;
      const open = [...shown.querySelectorAll("details")].map((one) => one.open);
      const fresh = new DOMParser().parseFromString(await reply.text(), "text/html").body;
      fresh.querySelectorAll("details").forEach((one, at) => { if (at in open) one.open = open[at]; });
      shown.replaceChildren(...fresh.childNodes);
    } catch {
      // Another one is under way, or the connection may be back next time.
    } finally {
      if (asking === own) shown.classList.remove("waits");
    }
  }
  const soon = () => { clearTimeout(timer); timer = setTimeout(ask, AFTER); };

  form.addEventListener("input", (event) => { if (/^(cues_|teams|surveys|parent)/.test(event.target.name)) soon(); });
  form.addEventListener("change", (event) => { if (/^(teams|surveys|parent)/.test(event.target.name)) soon(); });
  box.querySelector("[name=_try]").addEventListener("click", (event) => { event.preventDefault(); ask(); });
  box.querySelectorAll("[name=_add]").forEach((button) => button.addEventListener("click", (event) => {
    event.preventDefault();
    const [language, ...cue] = button.value.split(":");
    const field = form.elements[`cues_${language}`];
    field.value = `${field.value.trimEnd()}\n${cue.join(":")}`.trimStart();
    const next = button.closest("li").nextElementSibling?.querySelector("button") || field;
    button.closest("li").remove();
    next.focus();
    ask();
  }));
  if (!shown.children.length) ask();
});
