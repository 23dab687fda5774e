// The page of the draft beside the form, as it is being typed: the form is posted to a page that stores nothing.
addEventListener("DOMContentLoaded", () => {
const see = document.querySelector("[data-see]");
const form = document.getElementById("surveyversion_form");
if (!see || !form) return;

const glass = see.querySelector(".glass");
const frame = glass.querySelector("iframe");
const language = see.querySelector("[data-language]");
let night = document.documentElement.classList.contains("dark") ? "1" : "0";
let timer, latest = 0;

// Chromium may take what a parsed page says of referrers for the page that parses it: its form would come from nowhere.
const show = (answer) => {
  const html = answer.replace(/<meta name="referrer"[^>]*>/, "");
  const page = new DOMParser().parseFromString(html, "text/html");
  const now = frame.contentDocument;
  if (!now?.body?.childElementCount) { frame.srcdoc = html; return; }
  // In place, so that the page neither flashes nor scrolls away.
  now.head.replaceChildren(...page.head.childNodes);
  now.body.replaceChildren(...page.body.childNodes);
  now.documentElement.lang = page.documentElement.lang;
  now.documentElement.dir = page.documentElement.dir;
};
const draw = async () => {
  const number = ++latest;
  const body = new URLSearchParams();
  new FormData(form).forEach((value, name) => { if (typeof value === "string") body.append(name, value); });
  try {
    const reply = await fetch(`${see.dataset.see}?night=${night}&language=${encodeURIComponent(language.value)}`, {method: "POST", body});
    if (reply.ok && number === latest) show(await reply.text());
  } catch { /* the next letter tries again */ }
};
const soon = () => { clearTimeout(timer); timer = setTimeout(draw, 350); };
const press = (buttons, chosen) => buttons.forEach((button) => button.setAttribute("aria-pressed", String(button === chosen)));
const widths = see.querySelectorAll("[data-wide]");
const lights = see.querySelectorAll("[data-night]");

see.querySelectorAll("[hidden]").forEach((part) => { part.hidden = false; });
press(lights, [...lights].find((button) => button.dataset.night === night));
widths.forEach((button) => button.addEventListener("click", () => { glass.classList.toggle("wide", Boolean(button.dataset.wide)); press(widths, button); }));
lights.forEach((button) => button.addEventListener("click", () => { night = button.dataset.night; press(lights, button); draw(); }));
language.addEventListener("change", draw);
form.addEventListener("input", soon);
form.addEventListener("change", soon);
form.addEventListener("built", soon);
draw();
});
