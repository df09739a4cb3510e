// The box of what waits on a phone page: what it says, and each entry with what may be done about it.
"use strict";
(() => {
  function button(text, kind, act) {
    const made = document.createElement("button");
    Object.assign(made, { type: "button", className: `btn btn-sm btn-outline-${kind}`, textContent: text });
    made.addEventListener("click", act);
    return made;
  }

  // The box in its words, for one account on the page of one visit (or none); `flush` sends what waits.
  function boxOf(box, words, { account, visit, flush }) {
    const outbox = self.hengjianOutbox;
    const note = box.querySelector("[data-note]");

    function say(text, kind = "info") {
      note.className = `alert alert-${kind} mb-2`;
      note.textContent = text;
      note.hidden = !text;
      if (text) box.hidden = false;
    }

    function lineOf(entry) {
      const line = document.createElement("li");
      const state = words[entry.state] + (entry.problem && entry.problem.detail ? `：${entry.problem.detail}` : "");
      line.append(`${entry.label} · ${new Date(entry.at).toLocaleString("zh-CN", { hour12: false })} · ${state} `);
      if (entry.state !== "waiting" && entry.visit !== visit) {
        const link = document.createElement("a");
        Object.assign(link, { href: `/visits/${entry.visit}/record`, textContent: words.open });
        line.append(link, " ");
      }
      if (entry.state === "refused" && entry.kind !== "record") {
        line.append(button(words.again, "primary", async () => { await outbox.put({ ...entry, state: "waiting", problem: null }); await flush(); }), " ");
      }
      line.append(button(words.discard, "danger", async () => { if (window.confirm(words.discard_sure)) { await outbox.drop(entry.n); location.reload(); } }));
      return line;
    }

    // Show what waits for this account; gives it.
    async function show() {
      const entries = await outbox.all();
      const mine = entries.filter((entry) => entry.account === account);
      const others = entries.length - mine.length;
      const waiting = mine.filter((entry) => entry.state === "waiting").length;
      const back = mine.length - waiting;
      const parts = [waiting && words.count.replace("0", waiting), back && words.returned.replace("0", back), others && words.others.replace("0", others)].filter(Boolean);
      box.querySelector("ul").replaceChildren(...mine.map(lineOf));
      box.querySelector("[data-count]").textContent = parts.join(" · ") || words.none;
      box.querySelector("[data-waiting]").hidden = !entries.length;
      box.hidden = !entries.length && note.hidden;
      const queued = mine.some((entry) => entry.visit === visit && entry.submit && entry.state === "waiting");
      document.querySelectorAll("form[data-outbox] button:not([type]), button[form=record-form]").forEach((b) => { if (queued) b.disabled = true; });
      return mine;
    }

    return { say, show };
  }

  self.hengjianBox = { boxOf, button };
})();
