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
  const { button } = self.hengjianBox;
  const form = document.querySelector("form[data-outbox=record]");
  const visit = form ? Number(form.dataset.visit) : null;
  let dirty = Boolean(form && form.dataset.unsaved);
  const { say, show } = self.hengjianBox.boxOf(box, words, { account, visit, flush });
  const told = (text) => Object.assign(new Error(text), { told: true }); // a reason in the words of the page

  const versions = () => document.querySelectorAll("form[data-outbox] input[name=version]");
  const version = () => Number(form.elements.version.value);
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
      const ready = await navigator.serviceWorker.getRegistration("/visits/");
      if (ready && ready.sync) ready.sync.register("hengjian-outbox").catch(() => {});
    }
    return result;
  }

  // The worker is ready for pages outside its own as well: the home page tells it whose phone this is.
  async function working({ active, installing, waiting }) {
    const coming = installing || waiting;
    if (active || !coming || coming.state === "activated") return;
    await new Promise((resolve) => coming.addEventListener("statechange", () => { if (["activated", "redundant"].includes(coming.state)) resolve(); }));
  }

  async function tell(message) {
    if (!navigator.serviceWorker) return;
    const ready = await navigator.serviceWorker.getRegistration("/visits/");
    if (ready && ready.active) ready.active.postMessage(message);
  }

  // --- sending a form ---------------------------------------------------------------------------------------------------

  async function saveRecord(step) {
    const given = {
      account, visit, kind: "record", submit: step === "submit", label: step === "submit" ? words.submission : words.draft, version: version(),
      body: JSON.stringify({ ...recordData(form), submit: step === "submit" }),
    };
    dirty = false; // what is typed from here on is not in it
    try { return await outbox.add(given); } catch (error) { dirty = true; throw error; }
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
    if (large.length) throw told(words.too_large.replace("0", large.join(" ")));
    return Promise.all(files.map(async (file) => outbox.add({
      account, visit: Number(sent.dataset.visit), kind: "attachments", label: `${words.attachment} ${file.name}`, version: null, file: await file.arrayBuffer(), type: file.type,
      name: file.name, fields: { kind: data.get("kind"), item: data.get("item"), caption: data.get("caption") },
    })));
  }

  async function send(sent, step, pressed) {
    if (step === "none") fill.none(sent);
    let entries;
    try { entries = await entriesOf(sent, step); } catch (error) {
      if (!(error instanceof DOMException)) throw error;
      await straight(sent, pressed); // this browser has no room left for it
      return;
    }
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
    const problem = entry.file ? { ...entry.problem, detail: `${entry.name}：${entry.problem.detail}` } : entry.problem; // of several files this one
    explain.show(sent, problem, words, entry.state !== "conflict" ? [] : [
      button(words.mine, "primary", async () => {
        const now = await (await fetch(`/api/v1/visits/${visit}`, { headers: { Accept: "application/json" } })).json();
        await outbox.put({ ...entry, state: "waiting", version: now.version });
        await flush();
        if (dirty) explain.clear(); // what was typed meanwhile stays
        else location.reload();
      }),
      button(words.theirs, "secondary", async () => { await outbox.drop(entry.n); dirty = false; location.reload(); }),
    ]);
  }

  // What cannot be kept here goes to the server at once, when it is there and knows this account; else it stays on the page.
  async function straight(sent, pressed) {
    if (sent !== form && dirty) throw told(words.save_first);
    const who = await outbox.session().catch(() => { throw told(words.stay); });
    if (who.account !== account) {
      Object.assign(box.querySelector("[data-sign-in]"), { hidden: false, target: "_blank" });
      throw told(who.account || who.status === 401 ? words.not_signed_in : words.busy_plain);
    }
    sent.elements.csrf_token.value = who.csrf;
    sent.dataset.checked = "yes";
    dirty = false;
    if (pressed) { pressed.disabled = false; pressed.removeAttribute("data-confirm"); } // asked already; a disabled button would not say which step it is
    sent.requestSubmit(pressed);
  }

  document.addEventListener("submit", async (event) => {
    const sent = event.target;
    if (event.defaultPrevented) return;
    if (sent.action.endsWith("/account/sign-out")) { if (kept) leave(event, sent); return; }
    if (!sent.matches("form[data-outbox]") || sent.dataset.checked) return;
    event.preventDefault();
    const pressed = event.submitter;
    try {
      await (kept ? send(sent, pressed ? pressed.value : "", pressed) : straight(sent, pressed));
    } catch (error) {
      say(error.told ? error.message : `${words.not_kept} ${error.message}`, "danger");
      box.scrollIntoView();
    } finally {
      setTimeout(() => { if (pressed) pressed.disabled = false; if (kept) show().catch(() => {}); }, 0);
    }
  });

  async function leave(event, sent) {
    event.preventDefault();
    const mine = await outbox.all().then((entries) => entries.filter((entry) => entry.account === account), () => []); // who cannot keep anything may leave as well
    if (mine.length && !window.confirm(words.leave.replace("0", mine.length))) { setTimeout(() => sent.querySelectorAll("button").forEach((b) => { b.disabled = false; }), 0); return; }
    for (const entry of mine) await outbox.drop(entry.n);
    for (const name of await caches.keys().catch(() => [])) await caches.delete(name);
    sent.submit();
  }

  // --- the page as it opens ---------------------------------------------------------------------------------------------

  async function begin() {
    if (form) form.addEventListener("input", () => { dirty = true; });
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
    }
    const worker = await navigator.serviceWorker.register("/visits/worker.js", { scope: "/visits/" }).catch(() => null);
    if (worker) await working(worker); // a browser that allows none still keeps and sends; it only opens no page without a network
    const links = [...document.querySelectorAll("main a[href]")].filter((link) => /^\/visits\/\d+\/record$/.test(link.pathname)).map((link) => link.origin + link.pathname);
    const parts = [...document.querySelectorAll("script[src], link[rel=stylesheet]")].map((part) => part.src || part.href);
    tell({ account, pages: location.pathname.startsWith("/visits/") ? [location.origin + location.pathname, ...links] : [], parts });
    if (mine.length) { const result = await flush(); if (result.sent.length && form && !dirty) location.reload(); }
  }
  window.addEventListener("beforeunload", (event) => { if (dirty) Object.assign(event, { returnValue: "" }).preventDefault(); });
  window.addEventListener("online", () => { if (kept) flush(); });
  document.addEventListener("visibilitychange", () => { if (kept && document.visibilityState === "visible") flush(); });
  box.querySelector("[data-send]").addEventListener("click", flush);
  begin().catch((error) => say(`${words.not_kept} ${error}`, "danger"));
});
