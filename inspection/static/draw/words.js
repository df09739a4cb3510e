// Words of the register to tick: the search asks the server for those that the page does not hold; what is ticked stays.
"use strict";
document.querySelectorAll("[data-words]").forEach((set) => {
  const list = set.querySelector(".checks"), find = set.querySelector("input[type=search]"), told = set.querySelector("[role=status]");
  const boxes = () => [...list.querySelectorAll("input")], name = set.id.slice(2);
  let made = 0, last = 0, waiting = 0;

  function box(word) {
    const row = document.createElement("div"), input = document.createElement("input"), label = document.createElement("label");
    const id = `${set.id}-new-${made++}`;
    row.className = "form-check";
    Object.assign(input, { className: "form-check-input", type: "checkbox", id, name, value: word });
    Object.assign(label, { className: "form-check-label", htmlFor: id, textContent: word });
    row.append(input, label);
    return row;
  }
  function show(answer) {
    boxes().filter((input) => !input.checked).forEach((input) => input.closest(".form-check").remove());
    const kept = new Set(boxes().map((input) => input.value));
    list.append(...answer.words.filter((word) => !kept.has(word)).map(box));
    const sentence = answer.total > answer.words.length ? told.dataset.part : told.dataset.all;
    told.textContent = sentence.replace("{n}", answer.total).replace("{m}", answer.words.length);
  }
  async function ask() {
    clearTimeout(waiting);
    const mine = ++last;
    try {
      const answer = await fetch(`${set.dataset.words}&find=${encodeURIComponent(find.value.trim())}`, { headers: { Accept: "application/json" } });
      if (answer.ok && mine === last) show(await answer.json());
    } catch (error) { /* what is listed stays listed */ }
  }
  find.addEventListener("focus", ask, { once: true });
  find.addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(ask, 250); });
  find.addEventListener("keydown", (event) => { if (event.key === "Enter") { event.preventDefault(); ask(); } });
});
