// Cards of jobs that are at work: each is fetched anew until its job is over.
(() => {
  const EVERY = 1500;

  async function follow(card) {
    try {
      const reply = await fetch(card.dataset.follow, {headers: {Accept: "text/html"}});
      if (!reply.ok || reply.redirected) return;
      const fresh = new DOMParser().parseFromString(await reply.text(), "text/html").querySelector(".job");
      if (!fresh) return;
      // A button that holds the focus, or is being pressed, is not taken away while the job goes on.
      const parts = "follow" in fresh.dataset ? [".what"] : [".what", ".ends"];
      for (const part of parts) card.querySelector(part).replaceWith(fresh.querySelector(part));
      card.className = fresh.className;
      if (!("follow" in fresh.dataset)) return card.removeAttribute("data-follow");
    } catch {
      // The connection may be back next time.
    }
    setTimeout(follow, EVERY, card);
  }

  document.querySelectorAll(".job[data-follow]").forEach((card) => setTimeout(follow, EVERY, card));
})();
