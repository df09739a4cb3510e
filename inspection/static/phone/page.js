// The forms of a phone page: kept in this browser first, then sent; what waits, what was refused and what a colleague changed is shown.
"use strict";
document.addEventListener("DOMContentLoaded", () => {
  const box = document.getElementById("outbox");
  if (!box) return;
  const words = JSON.parse(box.dataset.words);
  const account = Number(box.dataset.account);
  const kept = Boolean(window.isSecureContext && window.indexedDB && window.crypto && crypto.subtle && navigator.serviceWorker);
  const { recordData, fill, explain } = self.hengjianForms;
  const outbox = self.hengjianOutbox;
  const form = document.querySelector("form[data-outbox=record]");
  const visit = form ? Number(form.dataset.visit) : null;
  let dirty = false;

  const say = (text, kind = "info") => {
    const note = box.querySelector("[data-note]");
    note.className = `alert alert-${kind} mb-2`;
    note.textContent = text;
    note.hidden = !text;
    if (text) box.hidden = false;
  };
  const versions = () => document.querySelectorAll("form[data-outbox] input[name=version]");
  const version = () => Number(form.elements.version.value);
  const button = (text, kind, act) => {
    const made = document.createElement("button");
    Object.assign(made, { type: "button", className: `btn btn-sm btn-outline-${kind}`, textContent: text });
    made.addEventListener("click", act);
    return made;
  };

  async function show() {
    const entries = kept ? await outbox.all() : [];
    const mine = entries.filter((entry) => entry.account === account);
    const list = box.querySelector("ul");
    list.replaceChildren(...mine.map((entry) => {
      const line = document.createElement("li");
      const state = words[entry.state] + (entry.problem && entry.problem.detail ? `：${entry.problem.detail}` : "");
      line.append(`${entry.label} · ${new Date(entry.at).toLocaleString("zh-CN", { hour12: false })} · ${state} `);
      if (entry.state !== "waiting" && entry.visit !== visit) {
        const link = document.createElement("a");
        Object.assign(link, { href: `/visits/${entry.visit}/record`, textContent: words.open });
        line.append(link, " ");
      }
      line.append(button(words.discard, "danger", async () => { if (window.confirm(words.discard_sure)) { await outbox.drop(entry.n); location.reload(); } }));
      return line;
    }));
    const others = entries.length - mine.length;
    const waiting = mine.filter((entry) => entry.state === "waiting").length;
    const back = mine.length - waiting;
    const parts = [waiting && words.count.replace("0", waiting), back && words.returned.replace("0", back), others && words.others.replace("0", others)].filter(Boolean);
    box.querySelector("[data-count]").textContent = parts.join(" · ") || words.none;
    box.querySelector("[data-waiting]").hidden = !entries.length;
    const note = box.querySelector("[data-note]");
    box.hidden = !entries.length && note.hidden;
    const queued = mine.some((entry) => entry.visit === visit && entry.submit && entry.state === "waiting");
    document.querySelectorAll("form[data-outbox] button:not([type]), button[form=record-form]").forEach((b) => { if (queued) b.disabled = true; });
    return mine;
  }

  const states = { offline: [words.offline, "warning"], "signed-out": [words.signed_out, "warning"], busy: [words.busy, "warning"] };

  async function flush() {
    const result = await outbox.flush();
    if (result.state === "signed-out") await tell({ clear: true });
    const waiting = await show();
    if (waiting.length && states[result.state]) say(...states[result.state]);
    box.querySelector("[data-sign-in]").hidden = result.state !== "signed-out";
    for (const [entry, said] of result.sent) {
      if (entry.kind === "record" && entry.visit === visit) versions().forEach((field) => { field.value = said.version; });
    }
    if (result.state !== "done" && waiting.length) {
      const ready = await navigator.serviceWorker.ready.catch(() => null);
      if (ready && ready.sync) ready.sync.register("hengjian-outbox").catch(() => {});
    }
    return result;
  }

  async function tell(message) {
    if (!navigator.serviceWorker) return;
    const ready = await navigator.serviceWorker.getRegistration("/visits/");
    if (ready && ready.active) ready.active.postMessage(message);
  }

  // --- sending a form ---------------------------------------------------------------------------------------------------

  async function saveRecord(step) {
    const entry = await outbox.add({
      account, visit, kind: "record", submit: step === "submit", label: step === "submit" ? words.submission : words.draft, version: version(),
      body: JSON.stringify({ ...recordData(form), submit: step === "submit" }),
    });
    dirty = false;
    return entry;
  }

  // What the form says, as entries of the queue.
  async function entriesOf(sent, step) {
    const data = new FormData(sent);
    if (sent.dataset.outbox === "record") return [await saveRecord(step)];
    if (sent.dataset.outbox === "signatures") {
      if (dirty) await saveRecord("draft");
      const body = JSON.stringify({
        signer: data.get("signer"), name: data.get("name"), role: data.get("role"), strokes: JSON.parse(data.get("strokes") || "[]"), not_drawn: data.get("not_drawn"),
      });
      return [await outbox.add({ account, visit, kind: "signatures", label: words.signature, version: version(), body })];
    }
    const files = data.getAll("file");
    const large = files.filter((file) => file.size > Number(sent.dataset.most) * 1048576).map((file) => file.name);
    if (large.length) throw new Error(words.too_large.replace("0", large.join(" ")));
    return Promise.all(files.map(async (file) => outbox.add({
      account, visit: Number(sent.dataset.visit), kind: "attachments", label: `${words.attachment} ${file.name}`, version: null, file: await file.arrayBuffer(), type: file.type,
      name: file.name, fields: { kind: data.get("kind"), item: data.get("item"), caption: data.get("caption") },
    })));
  }

  async function send(sent, step) {
    if (step === "none") fill.none(sent);
    const entries = await entriesOf(sent, step);
    const last = entries[entries.length - 1];
    await flush();
    const left = (await outbox.all()).filter((other) => entries.some((entry) => entry.key === other.key));
    const back = left.find((other) => other.state !== "waiting");
    if (back) refused(sent, back);
    else if (left.length) { if (sent !== form) sent.reset(); say(words.kept, "warning"); }
    else arrived(sent, last);
  }

  function arrived(sent, entry) {
    explain.clear();
    if (entry.submit) { location.assign(`/visits/${visit}`); return; }
    if (entry.kind === "record") { say(words.saved.replace("0", version()), "success"); return; }
    sent.reset();
    if (!dirty) { location.hash = entry.kind; location.reload(); return; }
    say(words.arrived.replace("0", entry.label).replace("1", entry.digest.slice(0, 12)), "success");
  }

  function refused(sent, entry) {
    if (sent !== form || entry.kind !== "record") outbox.drop(entry.n).then(show);
    explain.show(sent, entry.problem, words, entry.state !== "conflict" ? [] : [
      button(words.mine, "primary", async () => {
        const now = await (await fetch(`/api/v1/visits/${visit}`, { headers: { Accept: "application/json" } })).json();
        await outbox.put({ ...entry, state: "waiting", version: now.version });
        await flush();
        if (dirty) explain.clear(); // what was typed meanwhile stays
        else location.reload();
      }),
      button(words.theirs, "secondary", async () => { await outbox.drop(entry.n); location.reload(); }),
    ]);
  }

  document.addEventListener("submit", async (event) => {
    const sent = event.target;
    if (event.defaultPrevented) return;
    if (sent.action.endsWith("/account/sign-out")) { if (kept) leave(event, sent); return; }
    if (!sent.matches("form[data-outbox]") || sent.dataset.checked) return;
    event.preventDefault();
    const pressed = event.submitter;
    try {
      if (kept) { await send(sent, pressed ? pressed.value : ""); return; }
      await outbox.session();
      sent.dataset.checked = "yes";
      sent.requestSubmit(pressed);
    } catch (error) {
      say(kept ? `${words.not_kept} ${error.message}` : words.stay, "danger");
      box.scrollIntoView();
    } finally {
      setTimeout(() => { if (pressed) pressed.disabled = false; if (kept) show(); }, 0);
    }
  });

  async function leave(event, sent) {
    event.preventDefault();
    const mine = (await outbox.all()).filter((entry) => entry.account === account);
    if (mine.length && !window.confirm(words.leave.replace("0", mine.length))) { setTimeout(() => sent.querySelectorAll("button").forEach((b) => { b.disabled = false; }), 0); return; }
    for (const entry of mine) await outbox.drop(entry.n);
    for (const name of await caches.keys()) await caches.delete(name);
    sent.submit();
  }

  // --- the page as it opens ---------------------------------------------------------------------------------------------

  async function begin() {
    if (!kept) { if (form) say(words.plain, "warning"); return; }
    const mine = await show();
    document.querySelectorAll("form[data-outbox=attachments] input[type=file]").forEach((field) => { field.multiple = true; });
    if (form) {
      const last = mine.filter((entry) => entry.visit === visit && entry.kind === "record").pop();
      if (last) {
        fill.record(form, JSON.parse(last.body));
        say(words.restored, "warning");
        if (last.state !== "waiting") refused(form, last);
      }
      form.addEventListener("input", () => { dirty = true; });
    }
    await navigator.serviceWorker.register("/visits/worker.js", { scope: "/visits/" });
    await navigator.serviceWorker.ready;
    const links = [...document.querySelectorAll("main a[href]")].filter((link) => /^\/visits\/\d+\/record$/.test(link.pathname)).map((link) => link.origin + link.pathname);
    const parts = [...document.querySelectorAll("script[src], link[rel=stylesheet]")].map((part) => part.src || part.href);
    tell({ pages: location.pathname.startsWith("/visits/") ? [location.origin + location.pathname, ...links] : [], parts });
    if (mine.length) { const result = await flush(); if (result.sent.length && form && !dirty) location.reload(); }
  }
  window.addEventListener("online", () => { if (kept) flush(); });
  document.addEventListener("visibilitychange", () => { if (kept && document.visibilityState === "visible") flush(); });
  box.querySelector("[data-send]").addEventListener("click", flush);
  begin().catch((error) => say(`${words.not_kept} ${error}`, "danger"));
});
