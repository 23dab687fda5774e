/* In the window on a web site: says how high the page is, and notes that it was really shown. */
(() => {
  if (parent === window) return;
  /* A frame that has just been put there may not know its size yet. */
  const tell = () => !innerWidth ? setTimeout(tell, 50) : parent.postMessage({otklik: "ready", height: Math.ceil(document.querySelector(".wrap").getBoundingClientRect().height)}, "*");
  addEventListener("message", (event) => {
    if (event.source === parent && event.data?.otklik === "shown") navigator.sendBeacon(location.pathname + "/shown" + location.search);
  });
  addEventListener("keydown", (event) => { if (event.key === "Escape") parent.postMessage({otklik: "close"}, "*"); });
  new ResizeObserver(tell).observe(document.querySelector(".wrap"));
  tell();
})();
