// The queue of labels to check by keyboard: an answer is sent while the next comment is before one's eyes already.
(() => {
  const desk = document.querySelector("[data-checking]");
  if (!desk) return;
  const stack = desk.querySelector("[data-stack]");
  const empty = desk.querySelector("[data-empty]");
  const others = desk.querySelector("[data-same]");
  const said = desk.querySelector(".said-now");
  const help = desk.querySelector("dialog.help");
  const same = desk.querySelector("#same");
  const back = desk.querySelector(".back");
  const KEPT = 20; // so many that are done can be walked back to
  const acted = []; // what was done, the newest last, for "take back"
  let open = null;
  let busy = Promise.resolve();
  let pending = 0;

  const cards = () => [...stack.querySelectorAll(".card")];
  const waiting = () => cards().filter((card) => !card.dataset.state);
  const formOf = (card) => card.querySelector("form");
  const cardOf = (html) => new DOMParser().parseFromString(html, "text/html").querySelector(".card");
  const known = (key) => stack.querySelector(`.card[data-card="${CSS.escape(key)}"]`);

  function tell(sentence, wrong = false) {
    said.textContent = sentence;
    said.classList.toggle("wrong", wrong);
  }

  function show(card) {
    open = card || null;
    for (const one of cards()) one.hidden = one !== open;
    empty.hidden = Boolean(open) || pending > 0;
    if (!open) return;
    open.querySelector("h2").focus({preventScroll: true});
    if (open.getBoundingClientRect().top < 0) open.scrollIntoView({block: "start"});
  }

  function goOn() {
    const all = cards();
    const later = all.slice(all.indexOf(open) + 1).find((card) => !card.dataset.state);
    show(later || waiting()[0]);
  }

  function step(by) {
    const all = cards();
    const to = all[all.indexOf(open) + by];
    if (to) show(to);
    else if (!open) show(all.at(-1));
  }

  async function post(address, body) {
    body.set("lane", desk.dataset.lane);
    try {
      const reply = await fetch(address, {method: "POST", body, keepalive: true, headers: {Accept: "application/json"}});
      return {ok: reply.ok, ...await reply.json()};
    } catch {
      return {ok: false, said: desk.dataset.failed};
    }
  }

  // One after the other, so that each answer knows what the one before it brought.
  function queue(ask) {
    pending += 1;
    busy = busy.then(ask).finally(() => {
      pending -= 1;
      if (!open) show(waiting()[0]);
    });
  }

  function have(body, but) {
    for (const card of waiting()) if (card !== but) body.append("have", card.dataset.card);
    return body;
  }

  function replace(card, html, state) {
    const fresh = cardOf(html);
    if (state) fresh.dataset.state = state;
    fresh.hidden = card !== open;
    card.replaceWith(fresh);
    setUp(fresh);
    if (card === open) show(fresh);
    return fresh;
  }

  function take(told) {
    for (const html of told.more || []) {
      const fresh = cardOf(html);
      if (known(fresh.dataset.card)) continue;
      stack.append(fresh);
      setUp(fresh);
    }
    if (told.pace) desk.querySelector("[data-pace]").innerHTML = told.pace;
    others.hidden = !told.same;
    if (told.same) {
      others.querySelector("span").textContent = told.same.said;
      same.action = told.same.address;
    }
    cards().filter((card) => card.dataset.state && card !== open).slice(0, -KEPT).forEach((card) => card.remove());
  }

  // The card comes back with what was chosen on it, unless the text itself has changed.
  function giveBack(card, told) {
    const fresh = told.card && cardOf(told.card);
    delete card.dataset.state;
    if (fresh && fresh.querySelector(".full").textContent !== card.querySelector(".full").textContent) {
      card = replace(card, told.card);
    } else if (fresh) formOf(card).elements.seen.value = formOf(fresh).elements.seen.value;
    show(card);
    tell(told.said, true);
  }

  function send(card, address, state) {
    if (!card || card.dataset.state === "sent") return;
    const body = new FormData(formOf(card));
    card.dataset.state = "sent";
    tell("");
    goOn();
    queue(async () => {
      const told = await post(address, have(body, card));
      if (!told.ok) return giveBack(card, told);
      const fresh = replace(card, told.card, state);
      acted.push({card: fresh.dataset.card, state});
      take(told);
    });
  }

  function check(card) {
    if (!card) return;
    if (!formOf(card).elements.tone.value) return tell(desk.dataset.tone, true);
    send(card, formOf(card).action, "done");
  }

  function undo() {
    queue(async () => {
      const last = acted.pop();
      const skipped = last?.state === "skipped" && known(last.card);
      if (skipped) {
        delete skipped.dataset.state;
        return show(skipped);
      }
      const told = await post(back.action, new FormData(back));
      tell(told.said, !told.ok);
      if (!told.ok) return;
      take(told);
      if (!told.card) return;
      const fresh = cardOf(told.card);
      known(fresh.dataset.card)?.remove();
      if (open?.isConnected) open.before(fresh);
      else stack.append(fresh);
      setUp(fresh);
      show(fresh);
    });
  }

  function applyToSame() {
    if (others.hidden) return;
    others.hidden = true;
    queue(async () => {
      const told = await post(same.action, have(new FormData(same)));
      tell(told.said, !told.ok);
      if (!told.ok) return;
      acted.push({state: "same"});
      take(told);
    });
  }

  async function showPhrases(card) {
    const link = card.querySelector("[data-phrases]");
    if (card.querySelector(".phrases")) return;
    try {
      const reply = await fetch(link.dataset.phrases);
      const section = new DOMParser().parseFromString(await reply.text(), "text/html").querySelector(".phrases");
      card.append(section);
      section.querySelector("a")?.focus();
    } catch {
      tell(desk.dataset.failed, true);
    }
  }

  function press(box, on = true) {
    box.checked = on;
    box.closest(".opt").classList.remove("unsure");
  }

  // Topics by typing: the first that fits is chosen, and several may be added one after the other.
  function setUp(card) {
    const form = formOf(card);
    const adding = card.querySelector(".adding");
    const field = adding.querySelector("input");
    const list = adding.querySelector("ul");
    adding.hidden = false;
    const plain = (name) => name.trim().toLowerCase().replaceAll("ё", "е");
    const boxes = () => [...form.querySelectorAll("input[name=topic]")];
    const name = (box) => box.parentElement.querySelector("span").textContent;
    const chosen = () => list.querySelector("[aria-selected=true]");

    function choose(option) {
      for (const one of list.children) one.setAttribute("aria-selected", String(one === option));
      if (option) field.setAttribute("aria-activedescendant", option.id);
      else field.removeAttribute("aria-activedescendant");
      option?.scrollIntoView({block: "nearest"});
    }

    function close() {
      list.hidden = true;
      field.setAttribute("aria-expanded", "false");
      choose(null);
    }

    function offer() {
      const typed = plain(field.value);
      const fits = boxes().filter((box) => !box.checked && plain(name(box)).includes(typed));
      fits.sort((one, two) => plain(name(two)).startsWith(typed) - plain(name(one)).startsWith(typed));
      list.replaceChildren(...fits.map((box) => {
        const option = document.createElement("li");
        option.id = `${list.id}-${box.value}`;
        option.setAttribute("role", "option");
        option.dataset.value = box.value;
        option.textContent = name(box);
        return option;
      }));
      list.hidden = !fits.length;
      field.setAttribute("aria-expanded", String(!list.hidden));
      choose(typed ? list.firstElementChild : null);
    }

    function add(value) {
      const box = boxes().find((one) => one.value === value);
      press(box);
      if (box.closest(".more")) adding.before(box.closest(".opt"));
      field.value = "";
      offer();
    }

    field.addEventListener("input", offer);
    field.addEventListener("focus", offer);
    field.addEventListener("blur", close);
    list.addEventListener("mousedown", (event) => {
      event.preventDefault(); // the field keeps its cursor
      const option = event.target.closest("[role=option]");
      if (option) add(option.dataset.value);
    });
    field.addEventListener("keydown", (event) => {
      if (event.isComposing) return;
      const all = [...list.children];
      const at = all.indexOf(chosen());
      if (event.key === "Enter" && chosen()) add(chosen().dataset.value);
      else if (event.key === "Enter" && !field.value.trim()) check(card);
      else if (event.key === "ArrowDown") choose(all[(at + 1) % all.length]);
      else if (event.key === "ArrowUp") choose(all[(at <= 0 ? all.length : at) - 1]);
      else if (event.key === "Escape") {
        field.value = "";
        card.querySelector("h2").focus();
      } else if (event.key === "Backspace" && !field.value) {
        const has = boxes().filter((box) => box.checked);
        if (has.length) press(has.at(-1), false);
        offer();
      } else if (event.key !== "Enter") return;
      event.preventDefault();
    });
    card.querySelector("[data-phrases]").addEventListener("click", (event) => {
      event.preventDefault();
      showPhrases(card);
    });
    form.addEventListener("change", (event) => event.target.closest(".opt")?.classList.remove("unsure"));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      if (event.submitter?.dataset.key === "s") send(card, event.submitter.formAction, "skipped");
      else check(card);
    });
  }

  const acts = {
    e: () => check(open),
    c: () => press(formOf(open).elements.constructive, !formOf(open).elements.constructive.checked),
    t: () => open.querySelector(".adding input").focus(),
    s: () => send(open, formOf(open).dataset.skip, "skipped"),
    j: () => step(1), k: () => step(-1), a: applyToSame, z: undo, u: undo,
    o: () => { busy = busy.then(() => open.querySelector("[data-open]").click()); },
    p: () => showPhrases(open),
    "?": () => help.showModal(),
  };
  const WITHOUT_CARD = "jkazu?";

  // Letters by their place on the keyboard when the layout is not Latin: the key of "z" is "я" in Russian.
  function pressed(event) {
    if (/^[a-z0-9?]$/i.test(event.key)) return event.key.toLowerCase();
    if (event.key.length === 1 && /^Key[A-Z]$/.test(event.code)) return event.code.slice(3).toLowerCase();
    return "";
  }

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.defaultPrevented || event.isComposing) return;
    if (document.querySelector("dialog[open]")) return;
    if (event.target.closest("input:not([type=radio], [type=checkbox]), select, textarea, [contenteditable]")) return;
    const key = event.key === "Enter" ? (event.target.closest("a, button, summary") ? "" : "e") : pressed(event);
    if (event.repeat && key !== "j" && key !== "k") return;
    if (open && "1234".includes(key) && key) press(formOf(open).querySelectorAll("input[name=tone]")[key - 1]);
    else if (key in acts && (open || WITHOUT_CARD.includes(key))) acts[key]();
    else return;
    event.preventDefault();
  });
  desk.querySelector("[data-help]").addEventListener("click", () => help.showModal());
  back.addEventListener("submit", (event) => { event.preventDefault(); undo(); });
  same.addEventListener("submit", (event) => { event.preventDefault(); applyToSame(); });
  cards().forEach(setUp);
  show(cards()[0]);
})();
