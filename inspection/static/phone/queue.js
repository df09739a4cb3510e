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
  const put = (entry) => store("readwrite", (entries) => entries.put(entry));
  const drop = (n) => store("readwrite", (entries) => entries.delete(n));

  function key() {
    return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
  }

  async function sha256(bytes) {
    return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  }

  const hex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");

  // Add what was written: {account, visit, kind, label, version, body | file + fields, submit}; gives the entry as it is kept.
  async function add(given) {
    const entry = { ...given, key: key(), at: new Date().toISOString(), state: "waiting", tried: false, after: null };
    entry.digest = hex(await sha256(entry.file || new TextEncoder().encode(entry.body)));
    const before = (await all()).filter((other) => other.account === entry.account && other.visit === entry.visit && ORDERED.includes(other.kind));
    if (entry.kind === "record") {
      for (const other of before) if (other.kind === "record" && other.state !== "waiting") await drop(other.n);
    }
    const last = before.filter((other) => other.state === "waiting").pop();
    if (ORDERED.includes(entry.kind) && last) {
      if (entry.kind === "record" && last.kind === "record" && !last.tried) { entry.n = last.n; entry.after = last.after; entry.version = last.version; }
      else entry.after = last.kind === "record" ? last.key : last.after;
    }
    entry.n = await put(entry);
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

  async function settle(entry, answer) {
    const said = await answer.json().catch(() => ({}));
    if (answer.ok && (!entry.file || said.original_digest === entry.digest)) {
      if (entry.kind === "record") {
        for (const other of await all()) {
          if (other.after === entry.key) await put({ ...other, after: null, version: said.version });
        }
      }
      await drop(entry.n);
      return { sent: true, said };
    }
    const problem = answer.ok ? { detail: "服务器回执与本机文件不符，请重新发送。", status: 500 } : said;
    await put({ ...entry, tried: true, state: answer.status === 412 ? "conflict" : "refused", problem });
    return { sent: false };
  }

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
    const stopped = new Set();
    for (const { n } of await all()) {
      const entry = (await all()).find((other) => other.n === n);
      if (!entry || entry.account !== who.account) continue;
      const ordered = ORDERED.includes(entry.kind);
      if (entry.state !== "waiting" || (ordered && stopped.has(entry.visit))) { if (ordered) stopped.add(entry.visit); continue; }
      await put({ ...entry, tried: true });
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
      const settled = await settle(entry, answer);
      if (settled.sent) sent.push([entry, settled.said]);
      else if (ordered) stopped.add(entry.visit);
    }
    return { state: "done", sent };
  }

  const flush = () => (navigator.locks ? navigator.locks.request(NAME, run) : run());

  self.hengjianOutbox = { all, put, drop, add, flush, session };
})();
