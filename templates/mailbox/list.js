setInterval(async () => {
  if (document.hidden) return;
  const text = await (await fetch("/")).text(), shown = document.querySelector("main");
  const found = new DOMParser().parseFromString(text, "text/html").querySelector("main");
  if (found && found.innerHTML !== shown.innerHTML) shown.replaceWith(found);
}, 2000);
