// The wall screen: clock and countdown in the server's time, the list row by row in rank order; it watches for the next step by itself.
"use strict";
{
  const body = document.body, skew = Date.parse(body.dataset.now) - Date.now(), now = () => Date.now() + skew;
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const two = (n) => String(n).padStart(2, "0");

  // --- clock and countdown
  const clock = document.querySelector("[data-clock]"), count = document.querySelector("[data-countdown]"), label = document.querySelector("[data-count-label]");
  const shown = new Intl.DateTimeFormat("sv-SE", { timeZone: "Asia/Shanghai", dateStyle: "short", timeStyle: "medium" });
  function tick() {
    clock.textContent = shown.format(now());
    if (count) {
      const first = Date.parse(count.dataset.countdown), last = Date.parse(count.dataset.until), open = now() >= first;
      const left = Math.max(0, Math.ceil(((open ? last : first) - now()) / 1000)), days = Math.floor(left / 86400);
      count.textContent = `${days ? `${days} ${count.dataset.days} ` : ""}${two(Math.floor(left / 3600) % 24)}:${two(Math.floor(left / 60) % 60)}:${two(left % 60)}`;
      label.textContent = open ? (left ? label.dataset.between : label.dataset.after) : label.dataset.before;
    }
    setTimeout(tick, 1000 - (now() % 1000));
  }
  tick();

  // --- the next step: somebody typed the value, the draw was revealed, its list became public
  async function watch() {
    try {
      const answer = await fetch(location.href, { redirect: "error" });
      const next = answer.ok && new DOMParser().parseFromString(await answer.text(), "text/html").body.dataset.state;
      if (next && next !== body.dataset.state) { location.reload(); return; }
    } catch (error) { /* the next round asks again */ }
    setTimeout(watch, 5000);
  }
  if ("waits" in body.dataset) setTimeout(watch, 5000);

  // --- the list: screens of a fixed grid, so that nothing moves but the row that appears
  const list = document.querySelector("[data-roll]"), place = document.querySelector("[data-place]");
  const rows = list ? [...list.children] : [];
  let perScreen = rows.length, screen = 0, seen = 0, playing = !still, timer = 0;

  function fit() {
    body.classList.add("rolling");
    const height = parseFloat(getComputedStyle(rows[0]).height) || 60;
    const room = innerHeight - document.querySelector("footer").getBoundingClientRect().height - list.getBoundingClientRect().top - 24;
    const columns = innerWidth > 900 ? 2 : 1, lines = Math.max(1, Math.floor(room / height));
    list.style.setProperty("--rows", lines);
    perScreen = lines * columns;
  }
  function show() {
    const from = screen * perScreen;
    rows.forEach((row, i) => {
      row.classList.toggle("off", i < from || i >= from + perScreen);
      row.classList.toggle("waits", i >= from + seen);
    });
    place.textContent = `${Math.min(from + seen, rows.length)} / ${rows.length}`;
  }
  const lastScreen = () => Math.max(0, Math.ceil(rows.length / perScreen) - 1);
  const onScreen = () => Math.min(perScreen, rows.length - screen * perScreen);
  function step() {
    clearTimeout(timer);
    if (!playing) return;
    if (seen < onScreen()) { seen += 1; show(); timer = setTimeout(step, seen < onScreen() ? 900 : 6000); }
    else if (screen < lastScreen()) { screen += 1; seen = 0; step(); }
    else play(false);
  }
  function play(on) {
    playing = on;
    const button = document.querySelector("[data-do=pause]");
    button.textContent = on ? button.dataset.pause : button.dataset.play;
    button.setAttribute("aria-pressed", String(!on));
    if (on) step(); else clearTimeout(timer);
  }
  function turn(to) {
    screen = Math.min(Math.max(to, 0), lastScreen());
    seen = onScreen();
    play(false);
    show();
  }
  const full = () => (document.fullscreenElement ? document.exitFullscreen() : document.documentElement.requestFullscreen());
  const deeds = {
    pause: () => {
      if (!playing && screen === lastScreen() && seen >= onScreen()) { screen = 0; seen = 0; show(); }
      play(!playing);
    },
    back: () => turn(screen - 1), next: () => turn(screen + 1), first: () => turn(0), full,
  };

  if (rows.length) {
    fit();
    seen = still ? onScreen() : 0;
    show();
    document.querySelector("[data-controls]").hidden = false;
    play(playing);
    addEventListener("resize", () => { const at = screen * perScreen; fit(); turn(Math.floor(at / perScreen)); });
  }
  const fullButton = document.querySelector("[data-do=full]");
  fullButton.hidden = !document.fullscreenEnabled;
  document.querySelectorAll("[data-do]").forEach((button) => button.addEventListener("click", () => deeds[button.dataset.do]()));
  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const deed = { " ": "pause", ArrowLeft: "back", PageUp: "back", ArrowRight: "next", PageDown: "next", Home: "first", f: "full", F: "full" }[event.key];
    if (!deed || (deed !== "full" && !rows.length) || (event.key === " " && event.target.closest("button, a"))) return;
    event.preventDefault();
    deeds[deed]();
  });
}
