/* The window on a web site: waits for its moment, opens a frame with the survey, asks once. It writes no markup and no
   style element, so a strict Content-Security-Policy needs only its own address or nonce, and frame-src. */
(() => {
  const c = __SETTINGS__, own = document.currentScript, d = document;
  if (window.otklik?.[c.key]) return;
  const origin = new URL(c.frame).origin, data = own ? own.dataset : {};
  const lang = data.lang || d.documentElement.lang, ru = (lang || navigator.language || "").startsWith("ru");
  const memory = () => { try { return JSON.parse(localStorage.getItem("otklik-" + c.key)) || {}; } catch { return {}; } };
  const remember = (more) => { try { localStorage.setItem("otklik-" + c.key, JSON.stringify({...memory(), ...more})); } catch {} };
  const fresh = () => [...crypto.getRandomValues(new Uint8Array(16))].map((b) => b.toString(16).padStart(2, "0")).join("");
  let box, frame, back, takes;
  const css = (element, style) => Object.assign(element.style, style);

  const open = (focus) => {
    const known = memory();
    if (box || (known.at && Date.now() - known.at < c.days * 864e5)) return;
    const id = known.id || fresh();
    remember({id});
    const query = new URLSearchParams({w: 1, v: id});
    for (const [name, key] of [["customer", "c"], ["time", "t"], ["signature", "s"]])
      if (data[name]) query.set(key, data[name]);
    if (lang) query.set("lang", lang);
    takes = focus;
    back = d.activeElement;
    build(c.frame + "?" + query);
  };

  const build = (address) => {
    const narrow = innerWidth < 480, dark = matchMedia("(prefers-color-scheme:dark)").matches, close = d.createElement("button");
    box = d.createElement("section");
    box.setAttribute("role", "dialog");
    box.setAttribute("aria-label", ru ? "Короткий опрос: " + c.name : "A short survey: " + c.name);
    css(box, {position: "fixed", zIndex: 2147483000, bottom: narrow ? 0 : "16px", [c.corner]: narrow ? 0 : "16px",
      width: narrow ? "100%" : "400px", maxWidth: "100%", maxHeight: "90vh", visibility: "hidden", overflow: "hidden",
      borderRadius: narrow ? "16px 16px 0 0" : "16px", boxShadow: "0 8px 40px rgba(0,0,0,.28)", background: dark ? "#1d1916" : "#fffdf9"});
    close.type = "button";
    close.setAttribute("aria-label", ru ? "Закрыть опрос" : "Close the survey");
    close.textContent = "\u00d7";
    css(close, {position: "absolute", top: "6px", insetInlineEnd: "6px", width: "44px", height: "44px", border: 0,
      borderRadius: "22px", background: "rgba(127,127,127,.16)", color: dark ? "#ddd" : "#555", font: "24px/1 system-ui", cursor: "pointer"});
    close.onclick = shut;
    frame = d.createElement("iframe");
    frame.src = address;
    frame.title = box.getAttribute("aria-label");
    css(frame, {display: "block", width: "100%", height: "320px", maxHeight: "90vh", border: 0});
    box.append(frame, close);
    box.onkeydown = (event) => { if (event.key === "Escape") shut(); };
    d.body.append(box);
  };

  const shut = () => {
    const held = box && box.contains(d.activeElement);
    box?.remove();
    box = frame = null;
    if (held && back?.isConnected) back.focus();
  };

  const show = () => {
    if (box.style.visibility !== "hidden") return;
    box.style.visibility = "visible";
    remember({at: Date.now()});
    frame.contentWindow.postMessage({otklik: "shown"}, origin);
    if (takes) frame.focus();
    else say(box.getAttribute("aria-label"));
  };

  /* Who reads with their ears hears that something came up, and is not torn away from what they do. */
  const say = (text) => {
    const line = d.createElement("div");
    line.setAttribute("role", "status");
    css(line, {position: "fixed", width: "1px", height: "1px", overflow: "hidden", clipPath: "inset(50%)"});
    d.body.append(line);
    setTimeout(() => { line.textContent = text; }, 100);
    setTimeout(() => line.remove(), 5000);
  };

  addEventListener("message", (event) => {
    if (!frame || event.origin !== origin || event.source !== frame.contentWindow || !event.data?.otklik) return;
    const {otklik, height} = event.data;
    if (otklik === "no" || otklik === "close") { if (otklik === "no") remember({at: Date.now() - (c.days - 1) * 864e5}); shut(); return; }
    if (height) frame.style.height = Math.min(height, innerHeight * .9) + "px";
    show();
  });

  window.otklik = {...window.otklik, [c.key]: true, ask: () => open(true)};
  const start = () => {
    if (c.trigger === "delay") setTimeout(() => (window.requestIdleCallback || setTimeout)(() => open(false)), c.delay * 1000);
    if (c.trigger === "event") addEventListener(c.event, () => open(true));
  };
  if (d.readyState === "loading") d.addEventListener("DOMContentLoaded", start); else start();
})();
