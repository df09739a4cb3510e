// What waits to be sent: kept in this browser with its SHA-256, sent in order, deleted only on the server's acknowledgement. For pages and the worker alike.
"use strict";
(() => {
  const NAME = "hengjian-outbox";
  const ORDERED = ["record", "signatures"]; // these follow one another for a visit; attachments go their own way

  function open() {
    return new Promise((resolve, reject) => {
      const asked = indexedDB.open(NAME, 1);
      asked.onupgradeneeded = () => asked.result.createObjectStore("entries", { keyPath: "n", autoIncrement: true });
      asked.onsuccess = () => resolve(asked.result);
      asked.onerror = () => reject(asked.error);
    });
  }

  async function store(mode, work) {
    const base = await open();
    try {
      return await new Promise((resolve, reject) => {
        const change = base.transaction("entries", mode);
        const asked = work(change.objectStore("entries"));
        change.oncomplete = () => resolve(asked.result);
        change.onerror = change.onabort = () => reject(change.error);
      });
    } finally { base.close(); }
  }

  const all = () => store("readonly", (entries) => entries.getAll());
  const numbers = () => store("readonly", (entries) => entries.getAllKeys());
  const put = (entry) => store("readwrite", (entries) => entries.put(entry));
  const drop = (n) => store("readwrite", (entries) => entries.delete(n));

  function key() {
    return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
  }

  async function sha256(bytes) {
    return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  }

  const hex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");

  // Change the store by what stands in it at that moment, in one step: a page that saves and a sending that begins never overwrite one another.
  function change(asking, decide) {
    return store("readwrite", (entries) => {
      const asked = asking(entries);
      asked.onsuccess = () => decide(asked.result, entries);
      return asked;
    });
  }

  // Mark an entry as being sent when it fits; gives it as it stands.
  const claim = (n, fits) => change((entries) => entries.get(n), (found, entries) => { if (fits(found)) entries.put({ ...found, tried: true }); });

  // Add what was written: {account, visit, kind, label, version, body | file + fields, submit}; gives the entry as it is kept.
  async function add(given) {
    const entry = { ...given, key: key(), at: new Date().toISOString(), state: "waiting", tried: false, after: null };
    entry.digest = hex(await sha256(entry.file || new TextEncoder().encode(entry.body)));
    await change((entries) => entries.getAll(), (found, entries) => {
      const before = found.filter((other) => other.account === entry.account && other.visit === entry.visit && ORDERED.includes(other.kind));
      if (entry.kind === "record") before.filter((other) => other.kind === "record" && other.state !== "waiting").forEach((other) => entries.delete(other.n));
      const last = before.filter((other) => other.state === "waiting").pop();
      if (ORDERED.includes(entry.kind) && last) {
        if (entry.kind === "record" && last.kind === "record" && !last.tried) { entry.n = last.n; entry.after = last.after; entry.version = last.version; }
        else entry.after = last.kind === "record" ? last.key : last.after;
      }
      const kept = entries.put(entry);
      kept.onsuccess = () => { entry.n = kept.result; };
    });
    return entry;
  }

  async function send(entry, csrf) {
    const headers = { Accept: "application/json", "X-CSRFToken": csrf, "Idempotency-Key": entry.key };
    if (entry.version !== null) headers["If-Match"] = `"${entry.version}"`;
    let body = entry.body;
    if (entry.file) {
      body = new FormData();
      Object.entries(entry.fields).forEach(([name, value]) => { if (value) body.set(name, value); });
      body.set("digest", entry.digest);
      body.set("file", new Blob([entry.file], { type: entry.type }), entry.name);
    } else {
      headers["Content-Type"] = "application/json";
      headers["Content-Digest"] = `sha-256=:${btoa(String.fromCharCode(...entry.digest.match(/../g).map((two) => parseInt(two, 16))))}:`;
    }
    return fetch(`/api/v1/visits/${entry.visit}/${entry.kind}`, { method: entry.kind === "record" ? "PUT" : "POST", headers, body, credentials: "same-origin" });
  }

  // Whether an answer acknowledges this very entry. A page that something on the way put in its place does not, whatever its status says.
  function acknowledges(entry, said) {
    if (entry.file) return said.original_digest === entry.digest;
    return entry.kind === "record" ? said.id === entry.visit && Number.isInteger(said.version) : Boolean(said.record_digest);
  }

  // Taken: out of the queue, and what follows it goes on from the version it made.
  function taken(entry, said) {
    return change((entries) => entries.getAll(), (found, entries) => {
      if (entry.kind === "record") {
        found.filter((other) => other.after === entry.key).forEach((other) => entries.put({ ...other, after: null, version: said.version }));
      }
      entries.delete(entry.n);
    });
  }

  const returned = (entry, status, said) => {
    const problem = said.detail ? said : { title: `HTTP ${status}`, detail: `HTTP ${status}` };
    return put({ ...entry, tried: true, state: status === 412 ? "conflict" : "refused", problem });
  };

  async function session() {
    const answer = await fetch("/visits/phone", { headers: { Accept: "application/json" }, credentials: "same-origin", cache: "no-store" });
    return answer.ok ? answer.json() : { status: answer.status };
  }

  // Send what waits. Gives {state: "done" | "offline" | "signed-out" | "busy", sent: [[entry, answer], …]}.
  async function run() {
    const sent = [];
    let who;
    try { who = await session(); } catch (error) { return { state: "offline", sent }; }
    if (who.status) return { state: who.status === 401 ? "signed-out" : "busy", sent };
    const stopped = new Set(); // visits where something came back: what follows it there must wait
    const own = (entry) => entry && entry.account === who.account;
    const ordered = (entry) => ORDERED.includes(entry.kind);
    const fits = (entry) => own(entry) && entry.state === "waiting" && !(ordered(entry) && stopped.has(entry.visit));
    for (const n of await numbers()) {
      const entry = await claim(n, fits);
      if (!fits(entry)) { if (own(entry) && ordered(entry)) stopped.add(entry.visit); continue; }
      let answer;
      try {
        answer = await send(entry, who.csrf);
        if (answer.status === 403 && (await answer.clone().json().catch(() => ({}))).code === "form-expired") {
          who = await session(); // the form token went with the old session
          if (who.status || who.account !== entry.account) return { state: "signed-out", sent };
          answer = await send(entry, who.csrf);
        }
      } catch (error) { return { state: "offline", sent }; }
      if (answer.status === 401) return { state: "signed-out", sent };
      if (answer.status >= 500 || answer.status === 429) return { state: "busy", sent };
      const said = (await answer.json().catch(() => null)) || {};
      if (answer.ok && !acknowledges(entry, said)) return { state: "busy", sent };
      if (answer.ok) { await taken(entry, said); sent.push([entry, said]); continue; }
      await returned(entry, answer.status, said);
      if (ordered(entry)) stopped.add(entry.visit);
    }
    return { state: "done", sent };
  }

  const flush = () => (navigator.locks ? navigator.locks.request(NAME, run) : run());

  self.hengjianOutbox = { all, put, drop, add, flush, session };
})();
