// Text of the draw protocol (section 2): what a cell and an id may be, and how texts are ordered: by their UTF-8 bytes.
// Needs draw/characters.js. Works in a page, in a worker and in Node; everything hangs on one global, `hengjian`.
"use strict";
{
  const hengjian = (globalThis.hengjian = globalThis.hengjian || {});

  /** The first thing that is not as the protocol has it: file, line (1 is the header, null for a whole file), name of the check. */
  class Difference extends Error {
    constructor(file, line, check, note = "") {
      super(`${file}${line === null ? "" : `:${line}`} ${check}${note ? `  ${note}` : ""}`);
      this.file = file; this.line = line; this.check = check; this.note = note;
    }
  }
  class NotABundle extends Error {}

  const bounds = [];
  let at = 0;
  for (const pair of hengjian.FORBIDDEN.split(" ")) {
    const [gap, length] = pair.split(".");
    const start = at + parseInt(gap, 36);
    at = start + parseInt(length, 36) + 1;
    bounds.push(start, at);
  }

  function isForbidden(codePoint) {
    let low = 0, high = bounds.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (bounds[middle] <= codePoint) low = middle + 1; else high = middle;
    }
    return low % 2 === 1;
  }

  function isText(text) {
    if (/^[!-~](?:[ -~]*[!-~])?$/.test(text) || text === "") return true;
    if (text !== text.trim()) return false;
    for (const char of text) if (isForbidden(char.codePointAt(0))) return false;
    return text === text.normalize("NFC");
  }

  /** Order of the UTF-8 bytes = order of code points; plain `<` differs where surrogates meet U+E000–U+FFFF. */
  function compare(a, b) {
    if (a === b) return 0;
    const length = Math.min(a.length, b.length);
    for (let i = 0; i < length; i++) {
      let x = a.charCodeAt(i), y = b.charCodeAt(i);
      if (x !== y) {
        if (x >= 0xd800 && y >= 0xd800) { x += x >= 0xe000 ? -0x800 : 0x2000; y += y >= 0xe000 ? -0x800 : 0x2000; }
        return x - y;
      }
    }
    return a.length - b.length;
  }

  const isId = (text) => /^[0-9A-Za-z._%/-]{1,64}$/.test(text);
  const isDigest = (text) => /^[0-9a-f]{64}$/.test(text);
  const isInteger = (text, least = 0, most = Number.MAX_SAFE_INTEGER) =>
    /^(?:0|[1-9][0-9]{0,15})$/.test(text) && Number(text) <= most && Number(text) >= least && BigInt(text) <= BigInt(most);
  const isList = (text) => {
    const parts = text === "" ? [] : text.split(",");
    return parts.every(isId) && parts.every((part, i) => i === 0 || parts[i - 1] < part);
  };
  const isTime = (text) => {
    const found = /^(\d{4})-(\d\d)-(\d\d)T([01]\d|2[0-3]):[0-5]\d:[0-5]\d\+08:00$/.exec(text);
    if (!found) return false;
    const [year, month, day] = found.slice(1, 4).map(Number);
    const moment = new Date(Date.UTC(2000, month - 1, day));
    moment.setUTCFullYear(year, month - 1, day);
    return year >= 1 && moment.getUTCMonth() === month - 1 && moment.getUTCDate() === day;
  };

  Object.assign(hengjian, { Difference, NotABundle, isText, compare, isId, isDigest, isInteger, isList, isTime });
}
