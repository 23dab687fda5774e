// The desk by keyboard. On a comment's page a key presses its button; in the list it acts on the row in focus.
(() => {
  const desk = document.querySelector("[data-keys]");
  if (!desk) return;
  const help = desk.querySelector("dialog.help");
  const topics = desk.querySelector("dialog.topics");
  const said = desk.querySelector(".said-now");
  const inListing = desk.classList.contains("reading");
  const TONES = {1: "positive", 2: "negative", 3: "neutral", 4: "mixed"};
  const acted = []; // the rows acted upon, for "undo"
  let current = null;
  let busy = Promise.resolve();

  const rows = () => [...desk.querySelectorAll(".row")];
  const tell = (sentence, wrong = false) => {
    said.textContent = sentence;
    said.classList.toggle("wrong", wrong);
  };

  function go(row) {
    if (!row) return;
    current = row;
    const link = row.querySelector(".tl");
    link.focus({preventScroll: true});
    row.scrollIntoView({block: "nearest"});
  }

  // After the last row comes the link to the next page, where Enter goes on.
  function step(by) {
    const all = rows();
    const at = all.indexOf(current);
    if (at === all.length - 1 && by > 0) return desk.querySelector(".pager a:last-child")?.focus();
    go(at < 0 ? all[by > 0 ? 0 : all.length - 1] : all[at + by]);
  }

  // What the server rendered takes the place of what it says; the text stays, with the marks of a search.
  function refresh(row, html) {
    const fresh = new DOMParser().parseFromString(html, "text/html").querySelector(".row");
    for (const part of [".chips", ".mt"]) row.querySelector(part).replaceWith(fresh.querySelector(part));
    row.className = fresh.className;
    for (const name of ["data-seen", "data-topics", "data-constructive"]) {
      if (fresh.hasAttribute(name)) row.setAttribute(name, fresh.getAttribute(name));
      else row.removeAttribute(name);
    }
  }

  async function send(row, verb, values) {
    const body = new FormData(desk.querySelector("[data-token]"));
    body.set("seen", row.dataset.seen);
    for (const [name, value] of Object.entries(values)) body.set(name, value);
    try {
      const reply = await fetch(row.dataset.acts + verb + "/", {method: "POST", body, headers: {Accept: "application/json"}});
      const told = await reply.json();
      refresh(row, told.row);
      tell(told.said, !reply.ok);
      return reply.ok;
    } catch {
      tell(said.dataset.failed, true);
      return false;
    }
  }

  // One after the other: each act carries what the one before it brought. `values` is asked for when its turn comes.
  function act(row, verb, values = () => ({})) {
    if (!row) return;
    if (!("seen" in row.dataset)) return tell(said.dataset.denied, true);
    busy = busy.then(async () => {
      if (await send(row, verb, values()) && verb !== "undo") acted.push(row);
    });
  }

  function chooseTopic(use, back = () => {}) {
    const field = topics.querySelector("input");
    field.value = "";
    topics.returnValue = "";
    topics.onclose = () => {
      back();
      const typed = field.value.trim().toLowerCase();
      if (topics.returnValue !== "set" || !typed) return;
      const known = [...topics.querySelectorAll("option")];
      const fits = [
        (name) => name === typed, (name) => name.startsWith(typed), (name) => name.includes(typed),
      ].map((fit) => known.filter((option) => fit(option.value.toLowerCase()))).find((found) => found.length);
      if (fits?.length !== 1) return tell(`${said.dataset.unknown} ${typed}`, true);
      use(fits[0].dataset.code);
    };
    topics.showModal();
    field.focus();
  }

  function topicOf(row) {
    if (!row) return;
    if (!("seen" in row.dataset)) return tell(said.dataset.denied, true);
    const has = (code) => row.dataset.topics.split(" ").includes(code);
    chooseTopic((code) => act(row, "topic", () => ({topic: code, yes: has(code) ? "no" : "yes"})), () => go(row));
  }

  // The page's own forms: a topic that is there has a button, the others stand in the select.
  function topicHere(code) {
    const has = desk.querySelector(`.correct button[name=topic][value="${CSS.escape(code)}"]`);
    if (has) return has.click();
    const select = desk.querySelector("[data-topic]");
    select.value = code;
    select.form.requestSubmit();
  }

  function inList(key) {
    const asked = new CustomEvent("desk-key", {detail: {key, row: current}, cancelable: true});
    if (!document.dispatchEvent(asked)) return true;
    if (key === "j" || key === "k") step(key === "j" ? 1 : -1);
    else if (key === "o") current?.querySelector(".tl").click();
    else if (key === "e") {
      const row = current;
      act(row, row?.classList.contains("done") ? "reopen" : "done");
      if (row && "seen" in row.dataset && !row.classList.contains("done")) step(1);
    } else if (key in TONES) act(current, "tone", () => ({tone: TONES[key]}));
    else if (key === "c") {
      const row = current;
      act(row, "constructive", () => ({yes: row.hasAttribute("data-constructive") ? "no" : "yes"}));
    } else if (key === "t") topicOf(current);
    else if (key === "u" && !acted.length && desk.querySelector("[data-take-back]")) {
      desk.querySelector("[data-take-back]").click();
    } else if (key === "u") {
      busy = busy.then(() => {
        const row = acted.pop() || current;
        go(row);
        act(row, "undo");
      });
    } else return false;
    return true;
  }

  const FIELDS = {n: "[data-note]", g: "[data-tag]"};
  function onStory(key) {
    if (key in FIELDS) desk.querySelector(FIELDS[key])?.focus();
    else if (key === "t" && topics) chooseTopic(topicHere);
    else {
      const button = desk.querySelector(`[data-key="${CSS.escape(key)}"]`);
      if (!button) return false;
      button.click();
    }
    return true;
  }

  // Letters by their place on the keyboard when the layout is not Latin: the key of "j" is "о" in Russian.
  function pressed(event) {
    if (/^[a-z0-9?]$/i.test(event.key)) return event.key.toLowerCase();
    if (event.key.length === 1 && /^Key[A-Z]$/.test(event.code)) return event.code.slice(3).toLowerCase();
    return "";
  }

  // Back from a comment's page: its row is in focus, once the browser has gone there and forgotten the focus.
  window.addEventListener("load", () => {
    if (inListing && /^#c\d+$/.test(location.hash)) go(desk.querySelector(location.hash));
  });
  desk.addEventListener("focusin", (event) => {
    current = event.target.closest(".row") || current;
  });
  desk.querySelector('.keys [data-key="?"]').addEventListener("click", () => help.showModal());
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.defaultPrevented || event.isComposing) return;
    if (event.target.closest("input:not([type=checkbox]), select, textarea, [contenteditable], dialog") || document.querySelector("dialog[open]")) return;
    const key = pressed(event);
    if (!key || (event.repeat && key !== "j" && key !== "k")) return;
    if (key === "?") help.showModal();
    else if (!(inListing ? inList(key) : onStory(key))) return;
    event.preventDefault();
  });
})();
