/* The first trusted press or key confirms the chosen score, also when the page is then closed; nothing goes on load. */
(() => {
  const form = document.getElementById("answer"), born = Date.now();
  let sent, timer;
  const send = () => {
    timer = 0;
    const chosen = form.querySelector("[name=score]:checked"), parts = form.elements;
    if (!chosen || chosen.value === sent) return;
    sent = chosen.value;
    navigator.sendBeacon(form.action, new URLSearchParams({score: sent, nonce: parts.nonce.value, website: parts.website.value, only: "score"}));
  };
  const wait = (event) => {
    if (!event.isTrusted) return;
    clearTimeout(timer);
    timer = setTimeout(send, Math.max(1700 - (Date.now() - born), 600));
  };
  for (const name of ["pointerdown", "keydown", "change"]) addEventListener(name, wait);
  addEventListener("submit", () => { clearTimeout(timer); timer = 0; });
  addEventListener("pagehide", () => { if (timer && Date.now() - born > 1700) send(); });

  /* Without a connection the browser would put its own page where the words are: so the way is tried before they go. */
  const away = document.getElementById("away");
  let button, again, is_clear;
  const go = async () => {
    clearTimeout(again);
    try {
      const reply = await fetch("/healthz", {method: "HEAD", cache: "no-store", signal: AbortSignal.timeout(9000)});
      if (reply.status > 501) throw reply;
    } catch {
      away.hidden = false;
      again = setTimeout(go, 5000);
      return;
    }
    is_clear = true;
    form.requestSubmit(button);
    is_clear = false;
  };
  if (!form.requestSubmit || !AbortSignal.timeout) return;
  form.addEventListener("submit", (event) => {
    if (is_clear) return;
    event.preventDefault();
    button = event.submitter;
    go();
  });
  addEventListener("online", () => { if (!away.hidden) go(); });
})();
