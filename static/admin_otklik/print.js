// The browser's own dialog, for those who do not know its command.
const button = document.querySelector("[data-print]");
button.hidden = false;
button.addEventListener("click", () => print());
