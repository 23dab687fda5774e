// The desk by keyboard. On a comment's page a key presses its button; in the list it acts on the row in focus.
(() => {
  const desk = document.querySelector("[data-keys]");
  if (!desk) return;
  const help = desk.querySelector("dialog.help");
  const topics = desk.querySelector("dialog.topics");
  const said = desk.querySelector(".said-now");
  const inListing = desk.classList.contains("reading");
  const TONES = {1: "positive", 2: "negative", 3: "neutral", 4: "mixed"};
  const acted = []; // what was asked for, the newest last, for "undo"
  let current = null; // the row that keys act upon, wherever the focus is
  let busy = Promise.resolve();

  const rows = () => [...desk.querySelectorAll(".row")];
  const tell = (sentence, wrong = false) => {
    said.textContent = sentence;
    said.classList.toggle("wrong", wrong);
  };

  function mark(row) {
    current?.removeAttribute("aria-current");
    current = row;
    current?.setAttribute("aria-current", "true");
  }

  function go(row) {
    if (!row) return;
    mark(row);
    row.querySelector(".tl").focus({preventScroll: true});
    row.scrollIntoView({block: "nearest"});
  }

  // After the last row comes the link to the next page, where Enter goes on; no row is the current one there.
  function step(by) {
    const all = rows();
    const at = all.indexOf(current);
    const beyond = desk.querySelector(".pager [rel=next]");
    if (by > 0 && beyond && (at === all.length - 1 || document.activeElement === beyond)) {
      mark(null);
      return beyond.focus();
    }
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
    const asked = {row, wasDone: false};
    acted.push(asked);
    busy = busy.then(async () => {
      asked.wasDone = await send(row, verb, values());
      if (!asked.wasDone && acted.includes(asked)) acted.splice(acted.indexOf(asked), 1);
    });
  }

  // The row is known when the key is pressed; whether there is something to take back, when its turn comes.
  function undo() {
    const asked = acted.pop();
    const row = asked?.row || current;
    if (!row) return;
    go(row);
    if (!("seen" in row.dataset)) return tell(said.dataset.denied, true);
    busy = busy.then(() => !asked || asked.wasDone ? send(row, "undo", {}) : null);
  }

  // Not by the dialog's `close`, which comes when the browser finds the time: the next key may have been pressed by then.
  function chooseTopic(use) {
    const field = topics.querySelector("input");
    field.value = "";
    topics.querySelector("form").onsubmit = (event) => {
      event.preventDefault();
      topics.close();
      const typed = event.submitter?.value ? field.value.trim().toLowerCase() : "";
      if (!typed) return;
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
    chooseTopic((code) => act(row, "topic", () => ({topic: code, yes: has(code) ? "no" : "yes"})));
  }

  // The page's own forms: a topic that is there has a button, the others stand in the select.
  function topicHere(code) {
    const has = desk.querySelector(`.correct button[name=topic][value="${CSS.escape(code)}"]`);
    if (has) return has.click();
    const select = desk.querySelector("[data-topic]");
    select.value = code;
    select.form.requestSubmit();
  }

  // A page that is left sends nothing any more, so what was asked for goes first.
  function leave(row) {
    busy = busy.then(() => row?.querySelector(".tl").click());
  }

  function inList(key) {
    const asked = new CustomEvent("desk-key", {detail: {key, row: current}, cancelable: true});
    if (!document.dispatchEvent(asked)) return true;
    if (key === "j" || key === "k") step(key === "j" ? 1 : -1);
    else if (key === "o") leave(current);
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
    } else if (key === "u") undo();
    else return false;
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
    const row = event.target.closest(".row");
    if (row) mark(row);
  });
  desk.querySelector('.keys [data-key="?"]').addEventListener("click", () => help.showModal());
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.defaultPrevented || event.isComposing) return;
    if (document.querySelector("dialog[open]")) return;
    // A dialog that closed keeps the focus until the browser paints, when nothing had it before; the next key may be faster.
    const isLeft = event.target.closest("dialog");
    if (!isLeft && event.target.closest("input:not([type=checkbox]), select, textarea, [contenteditable]")) return;
    // A click beside the rows leaves the focus nowhere too: the current row has it again.
    const isNowhere = isLeft || document.activeElement === document.body;
    if (isNowhere) current?.querySelector(".tl").focus({preventScroll: true});
    const key = isNowhere && current && event.key === "Enter" ? "o" : pressed(event);
    if (!key || (event.repeat && key !== "j" && key !== "k")) return;
    if (key === "?") help.showModal();
    else if (!(inListing ? inList(key) : onStory(key))) return;
    event.preventDefault();
  });
})();
