// Behaviour of every page; no inline handlers, no network but our own.
"use strict";
document.addEventListener("click", (event) => {
  const copy = event.target.closest("[data-copy]");
  if (copy) {
    const done = () => { const before = copy.textContent; copy.textContent = "✓"; setTimeout(() => { copy.textContent = before; }, 1200); };
    if (navigator.clipboard && window.isSecureContext) { navigator.clipboard.writeText(copy.dataset.copy).then(done); return; }
    const area = document.createElement("textarea");
    area.value = copy.dataset.copy; document.body.append(area); area.select(); document.execCommand("copy"); area.remove(); done();
  }
  if (event.target.closest("[data-back]")) history.back();
  if (event.target.closest("[data-print]")) window.print();
});
document.addEventListener("submit", (event) => {
  const button = event.submitter;
  const question = button && button.dataset.confirm;
  if (question && !window.confirm(question)) { event.preventDefault(); return; }
  if (button && event.target.method === "post") setTimeout(() => { button.disabled = true; }, 0);
});
document.addEventListener("change", (event) => { if (event.target.matches("[data-autosubmit]")) event.target.form.requestSubmit(); });
document.addEventListener("change", (event) => { // one box ticks all boxes of its form with that name
  const name = event.target.dataset.all;
  if (name) event.target.form.querySelectorAll(`input[type=checkbox][name="${name}"]`).forEach((box) => { box.checked = event.target.checked; });
});
document.querySelectorAll("[data-scripted]").forEach((part) => { part.hidden = false; });
window.addEventListener("pageshow", () => document.querySelectorAll("button[disabled]:not([data-off])").forEach((b) => { b.disabled = false; }));
document.addEventListener("DOMContentLoaded", () => {
  document.querySelectorAll("[data-label-of]").forEach((link) => {
    const id = CSS.escape(link.dataset.labelOf);
    const label = document.querySelector(`label[for="${id}"], #${id} > legend`);
    if (label) link.textContent = label.textContent.replace("*", "").trim();
  });
  const focus = document.querySelector("[data-focus]");
  if (focus) focus.focus();
  document.querySelectorAll("[data-poll]").forEach((box) => {
    const ask = async () => {
      try {
        const answer = await fetch(box.dataset.poll, { headers: { Accept: "application/json" } });
        if (answer.ok) {
          const job = await answer.json();
          const bar = box.querySelector("progress");
          if (bar) { bar.max = job.total || 1; bar.value = job.done; }
          const note = box.querySelector("[data-note]");
          if (note) note.textContent = `${job.done} / ${job.total} ${job.note || ""}`;
          if (["done", "failed", "cancelled"].includes(job.state)) { location.reload(); return; }
        }
      } catch (error) { /* the next round asks again */ }
      setTimeout(ask, 2000);
    };
    setTimeout(ask, 1000);
  });
});
