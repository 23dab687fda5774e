// One comment's page: copying its link, and choosing a colleague after an @ in a note.
(() => {
  const copy = document.querySelector("[data-copy]");
  copy?.addEventListener("click", async () => {
    const field = document.querySelector("[data-link]");
    field.select();
    try {
      await navigator.clipboard.writeText(field.value);
    } catch { // not over plain http, where the older way still works
      document.execCommand("copy");
    }
    copy.textContent = copy.dataset.copied;
  });

  const note = document.querySelector("[data-note]");
  const list = note && document.getElementById(note.dataset.people);
  if (!list?.children.length) return;
  note.setAttribute("aria-autocomplete", "list");
  note.setAttribute("aria-controls", list.id);
  const people = [...list.children];
  const offered = () => people.filter((person) => !person.hidden);
  const chosen = () => people.find((person) => person.getAttribute("aria-selected") === "true");
  const begun = () => /(?:^|[^\p{L}\p{N}_@.])@([^@\n]{0,60})$/u.exec(note.value.slice(0, note.selectionStart));

  function choose(person) {
    people.forEach((other) => other.setAttribute("aria-selected", String(other === person)));
    if (person) note.setAttribute("aria-activedescendant", person.id);
    else note.removeAttribute("aria-activedescendant");
    person?.scrollIntoView({block: "nearest"});
  }

  function offer() {
    const typed = begun()?.[1].toLowerCase();
    people.forEach((person) => {
      const words = `${person.textContent} ${person.dataset.handle}`.toLowerCase();
      person.hidden = typed === undefined || !(words.startsWith(typed) || words.includes(` ${typed}`));
    });
    list.hidden = !offered().length;
    choose(offered()[0]);
  }

  function close() {
    list.hidden = true;
    choose(null);
  }

  function take(person) {
    const start = note.selectionStart - begun()[1].length;
    note.setRangeText(`${person.dataset.handle} `, start, note.selectionStart, "end");
    close();
    note.focus();
  }

  note.addEventListener("input", offer);
  note.addEventListener("blur", close);
  list.addEventListener("mousedown", (event) => {
    event.preventDefault(); // the field keeps its cursor
    const person = event.target.closest("[role=option]");
    if (person) take(person);
  });
  note.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) return note.form.requestSubmit();
    if (list.hidden || event.isComposing) return;
    const all = offered();
    const at = all.indexOf(chosen());
    if (event.key === "ArrowDown") choose(all[(at + 1) % all.length]);
    else if (event.key === "ArrowUp") choose(all[(at + all.length - 1) % all.length]);
    else if (event.key === "Enter" || event.key === "Tab") take(all[at]);
    else if (event.key === "Escape") close();
    else return;
    event.preventDefault();
  });
})();
