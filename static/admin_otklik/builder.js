// The builder of a survey: cards that come, go and move; only what a kind needs; what a question may depend on.
addEventListener("DOMContentLoaded", () => {
const builder = document.querySelector("[data-builder]");
document.querySelectorAll("[data-confirm]").forEach((button) => button.addEventListener("click", (event) => {
  if (!confirm(button.dataset.confirm)) event.preventDefault();
}));
if (!builder) return;

const {of: scaleOf, steps: stepsOf, names: usual} = JSON.parse(document.getElementById("scales").textContent);
const list = builder.querySelector(".cards");
const total = builder.querySelector(`[name=${builder.dataset.builder}-TOTAL_FORMS]`);
const said = builder.querySelector("[data-said]");
const all = () => [...list.children];
const cards = () => all().filter((card) => !field(card, "DELETE").checked);
const field = (card, name) => card.querySelector(`[name=${CSS.escape(`${card.dataset.cardOf}-${name}`)}]`);
const fields = (card, name) => [...card.querySelectorAll(`[name=${CSS.escape(`${card.dataset.cardOf}-${name}`)}]`)];
const kindOf = (card) => field(card, "kind").value;
const titleOf = (card) => card.querySelector("textarea")?.value.trim() || "—";

const number = () => {
  cards().forEach((card, place) => { field(card, "position").value = place + 1; });
  offer();
};

// --- steps that have names, choices and aspects ---
const scaleName = (card) => {
  const kind = kindOf(card);
  const look = {csat: "look", grid: "row_look"}[kind];
  return scaleOf[look ? fields(card, look).find((radio) => radio.checked)?.value || "steps" : kind];
};
const table = (card, name) => card.querySelector(`[data-rows$="-${name}"]`);
const cells = (row) => [...row.querySelectorAll("input[type=text]")];
const language = (input) => input.name.slice(input.name.indexOf("-", input.name.search(/(steps|items)-/)) + 1);

const nameSteps = (card) => {
  const scale = scaleName(card);
  if (!scale || card.dataset.scale === scale) return;
  const isFirst = card.dataset.scale === undefined && table(card, "steps").tBodies[0].rows.length;
  card.dataset.scale = scale;
  if (isFirst) return;
  const body = table(card, "steps").tBodies[0];
  const model = document.importNode(builder.querySelector("template[data-card]").content, true).querySelector("[data-fixed]");
  const columns = [...model.tHead.rows[0].cells].slice(1);
  body.replaceChildren(...stepsOf[scale].map((step) => {
    const row = document.createElement("tr");
    const first = row.insertCell();
    first.append(Object.assign(document.createElement("b"), {textContent: step}),
      Object.assign(document.createElement("input"), {type: "hidden", name: `${card.dataset.cardOf}-steps-code`, value: step}));
    shown.forEach((code, place) => {
      const input = Object.assign(document.createElement("input"), {
        type: "text", maxLength: 200, lang: code, dir: "auto", autocomplete: "off",
        name: `${card.dataset.cardOf}-steps-${code}`, value: usual[scale]?.[code]?.[step] || "",
      });
      input.setAttribute("aria-label", `${step}, ${columns[place]?.textContent || code}`);
      const cell = row.insertCell();
      cell.dataset.of = code;
      cell.append(input);
    });
    return row;
  }));
};
const shown = (document.querySelector("[name=shown]")?.value || "").split(" ").filter(Boolean);

const liveRow = (card, row) => {
  row.querySelector("[data-row-gone]").onclick = () => {
    const body = row.parentElement;
    if (body.rows.length > 1) row.remove(); else [...row.querySelectorAll("input")].forEach((input) => { input.value = ""; });
    offer();
    changed();
    body.parentElement.nextElementSibling.focus();
  };
  row.querySelector("[data-row-up]").onclick = (event) => {
    if (row.previousElementSibling) row.after(row.previousElementSibling);
    event.target.focus();
    changed();
  };
  row.querySelectorAll("button").forEach((button) => { button.hidden = false; });
};
const liveRows = (card) => {
  const body = table(card, "items").tBodies[0];
  const add = table(card, "items").nextElementSibling;
  const more = () => {
    const row = body.rows[body.rows.length - 1].cloneNode(true);
    row.querySelectorAll("input").forEach((input) => { input.value = ""; });
    body.append(row);
    liveRow(card, row);
    return row;
  };
  [...body.rows].forEach((row) => liveRow(card, row));
  add.hidden = false;
  add.onclick = () => cells(more())[0]?.focus();
  body.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.target.type !== "text") return;
    event.preventDefault();
    const next = event.target.closest("tr").nextElementSibling || more();
    cells(next)[0]?.focus();
  });
};

// --- after which answers a question is asked ---
const stepName = (card, step) => {
  const row = [...table(card, "steps").tBodies[0].rows].find((one) => one.querySelector("[type=hidden]").value === String(step));
  const scale = scaleName(card);
  const own = row && cells(row).map((input) => input.value.trim()).find(Boolean);
  // Two steps without names are words on the page, more are numbers.
  return own || (stepsOf[scale].length === 2 && usual[scale]?.[document.documentElement.lang]?.[step]) || String(step);
};
const bands = () => builder.dataset.bands.split("|");
const source = (card, isScore) => {
  const code = field(card, "code").value || `#${card.dataset.cardOf.split("-").pop()}`;
  const kind = kindOf(card);
  if (isScore) return {code: "score", title: titleOf(card), values: ["low", "mid", "high"].map((band, place) => [band, bands()[place]])};
  if (scaleOf[kind] || kind === "csat") return {code, title: titleOf(card), values: stepsOf[scaleName(card)].map((step) => [String(step), stepName(card, step)])};
  if (!["single", "multiple"].includes(kind)) return null;
  const rows = [...table(card, "items").tBodies[0].rows].filter((row) => cells(row).some((input) => input.value.trim()));
  return {code, title: titleOf(card), values: rows.map((row) => {
    const name = cells(row).map((input) => input.value.trim()).find(Boolean);
    return [row.querySelector("[type=hidden]").value || name, name];
  })};
};
const offer = () => {
  const before = [];
  let scored = false;
  cards().forEach((card) => {
    const select = field(card, "when_question");
    const chosen = select.value;
    const fitting = before.map((one) => new Option(`${select.dataset.after} ${one.title.slice(0, 50)}`, one.code, false, one.code === chosen));
    const lost = chosen && !before.some((one) => one.code === chosen) ? [select.querySelector(":checked")] : [];
    select.replaceChildren(select.options[0], ...fitting, ...lost);
    select.value = chosen;
    const box = card.querySelector(".values");
    const ticked = fields(card, "when_in").filter((input) => input.checked).map((input) => input.value);
    const values = before.find((one) => one.code === chosen)?.values || [];
    const same = JSON.stringify(values) === box.dataset.values;
    box.dataset.values = JSON.stringify(values);
    if (!same) box.replaceChildren(box.querySelector("legend"), ...values.map(([value, name]) => {
      const label = document.createElement("label");
      label.append(Object.assign(document.createElement("input"), {
        type: "checkbox", name: `${card.dataset.cardOf}-when_in`, value, checked: ticked.includes(value),
      }), ` ${name}`);
      return label;
    }));
    const isScale = Boolean(scaleOf[kindOf(card)] || kindOf(card) === "csat");
    const own = source(card, isScale && !scored);
    scored ||= isScale;
    if (own) before.push(own);
  });
};

// --- cards: kinds, order, coming and going ---
const move = (card, down) => {
  const others = cards();
  const other = others[others.indexOf(card) + (down ? 1 : -1)];
  if (!other) return;
  down ? other.after(card) : other.before(card);
  number();
  changed();
  said.textContent = `${said.dataset.moved} ${cards().indexOf(card) + 1}`;
};
const drag = (card, event) => {
  event.preventDefault();
  card.classList.add("moving");
  // On the document: a card that is put elsewhere loses the pointer that it had caught.
  const over = new AbortController();
  const on = (type, act) => document.addEventListener(type, act, {signal: over.signal});
  on("pointermove", ({clientY}) => {
    if (clientY < 60) scrollBy(0, -12); else if (clientY > innerHeight - 60) scrollBy(0, 12);
    const others = cards().filter((one) => one !== card);
    const next = others.find((one) => { const box = one.getBoundingClientRect(); return clientY < box.top + box.height / 2; });
    if (next ? card.nextElementSibling !== next : list.lastElementChild !== card) list.insertBefore(card, next || null);
  });
  const end = () => {
    over.abort();
    card.classList.remove("moving");
    number();
    changed();
    said.textContent = `${said.dataset.moved} ${cards().indexOf(card) + 1}`;
  };
  on("pointerup", end);
  on("pointercancel", end);
};
const suit = (card) => {
  card.dataset.kind = kindOf(card);
  nameSteps(card);
};
const live = (card) => {
  const [up, down] = [card.querySelector("[data-up]"), card.querySelector("[data-down]")];
  up.hidden = down.hidden = false;
  up.onclick = () => { move(card, false); up.focus(); };
  down.onclick = () => { move(card, true); down.focus(); };
  card.querySelector("[data-drag]").onpointerdown = (event) => drag(card, event);
  field(card, "DELETE").addEventListener("change", ({target}) => {
    card.classList.toggle("removed", target.checked);
    number();
    said.textContent = target.checked ? said.dataset.gone : "";
  });
  card.addEventListener("change", () => { suit(card); offer(); });
  liveRows(card);
  suit(card);
};
const add = (kind) => {
  const place = Number(total.value);
  const content = builder.querySelector("template[data-card]").innerHTML.replaceAll("__prefix__", place);
  list.insertAdjacentHTML("beforeend", content);
  const card = list.lastElementChild;
  total.value = place + 1;
  field(card, "kind").value = kind;
  live(card);
  number();
  changed();
  card.querySelector("textarea")?.focus();
};
const changed = () => builder.dispatchEvent(new CustomEvent("built", {bubbles: true}));

builder.classList.add("scripted");
builder.querySelectorAll("[name=_add_question]").forEach((button) => button.addEventListener("click", (event) => {
  event.preventDefault();
  add(button.value);
}));
all().forEach(live);
number();
document.getElementById("added")?.querySelector("textarea")?.focus();
});
