// The phone pages without a network: the last copy of a page is shown for half a day; what waits is sent when the network comes back.
"use strict";
importScripts("/static/phone/queue.js");
const PAGES = "hengjian-pages-1";
const PARTS = "hengjian-parts-1";
const KEPT_MS = 12 * 3600 * 1000;
const OWNER = "/visits/phone"; // beside the pages: the account whose pages they are
const PHONE_PAGE = /^\/visits\/(mine|\d+(\/record)?)$/;

const age = (answer) => Date.now() - Date.parse(answer.headers.get("Date") || 0);

async function keep(name, request, answer) {
  if (answer.ok && !answer.redirected && answer.type === "basic") await (await caches.open(name)).put(request, answer.clone());
  return answer;
}

async function page(request) {
  try {
    return await keep(PAGES, request.url.split("#")[0], await fetch(request));
  } catch (error) {
    const found = await (await caches.open(PAGES)).match(request.url, { ignoreVary: true });
    if (found && age(found) < KEPT_MS) return found;
    const text = "<!doctype html><html lang=\"zh-CN\"><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\"><title>没有网络 No network</title><h1>没有网络 No network</h1><p>这一页没有存在本机，恢复网络后再打开。已存的内容仍在待发送中。</p><p>This page is not kept on this device. What you saved still waits to be sent.</p><p><a href=\"/visits/mine\">我的任务 My tasks</a></p></html>";
    return new Response(text, { status: 503, headers: { "Content-Type": "text/html; charset=utf-8" } });
  }
}

async function part(request) {
  const cache = await caches.open(PARTS);
  const found = await cache.match(request, { ignoreVary: true });
  const fresh = fetch(request).then((answer) => keep(PARTS, request, answer));
  if (!found) return fresh;
  fresh.catch(() => {});
  return found;
}

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));
self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== self.location.origin) return;
  if (url.pathname.startsWith("/static/")) event.respondWith(part(request));
  else if (request.mode === "navigate" && PHONE_PAGE.test(url.pathname)) event.respondWith(page(request));
});
// The pages of another account are not shown on a phone that two people use.
async function belong(account) {
  const kept = await (await caches.open(PAGES)).match(OWNER);
  if (kept && (await kept.text()) === String(account)) return;
  await caches.delete(PAGES);
  await (await caches.open(PAGES)).put(OWNER, new Response(String(account)));
}

self.addEventListener("message", (event) => {
  const { account = null, pages = [], parts = [], clear = false } = event.data || {};
  event.waitUntil((async () => {
    await self.clients.claim();
    if (clear) await caches.delete(PAGES);
    if (account !== null) await belong(account);
    for (const url of parts) await part(new Request(url)).catch(() => {});
    const cache = await caches.open(PAGES);
    for (const url of new Set(pages.filter((one) => PHONE_PAGE.test(new URL(one).pathname)))) {
      const found = await cache.match(url, { ignoreVary: true });
      if (!found || age(found) > 600000) await fetch(url, { credentials: "same-origin" }).then((answer) => keep(PAGES, url, answer)).catch(() => {});
    }
    if (event.ports[0]) event.ports[0].postMessage("done");
  })());
});
self.addEventListener("sync", (event) => {
  if (event.tag === "hengjian-outbox") event.waitUntil(self.hengjianOutbox.flush().then((result) => { if (result.state !== "done") throw new Error(result.state); }));
});
