addEventListener("DOMContentLoaded", () => {
// Conditions: only the comparisons that suit the field, values to choose from, rows that come and go.
document.querySelectorAll("[data-conditions]").forEach((box) => {
  const rows = () => [...box.querySelectorAll(".condition")];
  const blank = rows().at(-1).cloneNode(true);
  const remove = box.querySelector("[data-remove]");
  const add = box.querySelector("[data-add]");
  const lists = [...box.querySelectorAll("datalist")];

  // A survey at regular intervals has no interaction to ask about; what a row asks already stays, for saving to say so.
  const offer = (row) => {
    const alone = box.hasAttribute("data-of-customer-alone");
    row.querySelectorAll("[data-of-interaction]").forEach((option) => {
      option.hidden = option.disabled = alone && !option.selected;
    });
    row.querySelectorAll("optgroup").forEach((group) => {
      group.hidden = !group.querySelector("option:not([hidden])");
    });
  };
  new MutationObserver(() => rows().forEach(offer)).observe(box, {attributeFilter: ["data-of-customer-alone"]});
  const suit = (row) => {
    offer(row);
    const [field, op, value] = row.children;
    const chosen = field.selectedOptions[0];
    const ops = (chosen.dataset.ops || "").split(" ");
    [...op.options].forEach((option) => { option.hidden = option.disabled = !ops.includes(option.value); });
    if (op.selectedOptions[0]?.disabled !== false) op.value = ops[0];
    const known = chosen.dataset.kind === "flag" ? "yes or no" : field.value;
    const list = lists.find((one) => one.dataset.known === known);
    list ? value.setAttribute("list", list.id) : value.removeAttribute("list");
    value.hidden = ["set", "unset"].includes(op.value);
    value.inputMode = chosen.dataset.kind === "number" ? "decimal" : "text";
  };
  const live = (row) => {
    row.append(remove.content.cloneNode(true));
    row.addEventListener("change", () => suit(row));
    row.querySelector(".gone").addEventListener("click", () => {
      const next = row.nextElementSibling?.querySelector("select") || add;
      row.remove();
      next.focus();
    });
    suit(row);
  };
  rows().forEach((row) => row.children[0].value ? live(row) : row.remove());
  box.classList.add("scripted");
  add.hidden = false;
  add.addEventListener("click", () => {
    const row = blank.cloneNode(true);
    box.insertBefore(row, box.querySelector(".fitting"));
    live(row);
    row.querySelector("select").focus();
  });
});

// A survey at regular intervals waits for no event; what does not concern the chosen survey is put away.
(() => {
  const survey = document.getElementById("id_survey");
  const at = document.querySelector("[data-at-intervals]");
  if (!survey || !at) return;
  const show = (selector, shown) => document.querySelectorAll(selector).forEach((part) => { part.hidden = !shown; });
  const line = (name) => document.querySelector(`.field-${name}`)?.closest(".form-row, .field-row, fieldset > div > div") || document.querySelector(`.field-${name}`);
  const arrange = () => {
    const intervals = Boolean(survey.value) && at.dataset.atIntervals.split(" ").includes(survey.value);
    show("fieldset.of-events", !intervals);
    show("fieldset.of-intervals", intervals);
    document.querySelectorAll("[data-conditions]").forEach((box) => box.toggleAttribute("data-of-customer-alone", intervals));
    const event = document.getElementById("id_event");
    const other = line("event_name");
    if (event && other) other.hidden = event.value !== "other";
    const by = document.getElementById("id_sample_by");
    const shares = line("sample_cells");
    if (by && shares) shares.hidden = !by.value;
  };
  ["id_survey", "id_event", "id_sample_by"].forEach((id) => document.getElementById(id)?.addEventListener("change", arrange));
  window.jQuery?.(survey).on("change", arrange);
  arrange();
})();

// The page of a trial shows what came of it as soon as its job is over.
const waiting = document.querySelector("[data-until-done]");
if (waiting) {
  new MutationObserver(() => {
    if (!waiting.querySelector("[data-follow]")) location.reload();
  }).observe(waiting, {attributes: true, attributeFilter: ["data-follow"], subtree: true});
}
});
