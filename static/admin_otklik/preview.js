// Each mail is as tall as what is in it, so that its end is seen without scrolling. Without script the frame scrolls.
document.querySelectorAll(".preview iframe").forEach((frame) => {
  const fit = () => {
    const tall = frame.contentDocument?.documentElement?.getBoundingClientRect().height;
    if (tall) frame.parentElement.style.setProperty("--tall", `${Math.ceil(tall) + 2}px`);
  };
  frame.addEventListener("load", fit);
  fit();
});
