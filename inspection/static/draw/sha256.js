// SHA-256 (FIPS 180-4) for pages where the browser offers none (plain http) and for millions of short texts with one beginning,
// which the browser's own asynchronous digest is too slow for.
"use strict";
{
  const roots = (power, count) => {
    const found = [];
    for (let n = 2; found.length < count; n++) {
      if (found.every(([prime]) => n % prime)) found.push([n, ((n ** power) % 1) * 2 ** 32]);
    }
    return Uint32Array.from(found, ([, fraction]) => fraction);
  };
  const K = roots(1 / 3, 64), START = roots(1 / 2, 8);
  const W = new Int32Array(64), block = new Uint8Array(64);

  /** One block of 64 bytes at `at` into the state `h` (Int32Array of 8). */
  function compress(h, bytes, at) {
    for (let i = 0; i < 16; i++, at += 4) W[i] = (bytes[at] << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3];
    for (let i = 16; i < 64; i++) {
      const x = W[i - 15], y = W[i - 2];
      const s0 = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3);
      const s1 = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10);
      W[i] = (W[i - 16] + s0 + W[i - 7] + s1) | 0;
    }
    let a = h[0], b = h[1], c = h[2], d = h[3], e = h[4], f = h[5], g = h[6], k = h[7];
    for (let i = 0; i < 64; i++) {
      const s1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
      const t1 = (k + s1 + ((e & f) ^ (~e & g)) + K[i] + W[i]) | 0;
      const s0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
      const t2 = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
      k = g; g = f; f = e; e = (d + t1) | 0; d = c; c = b; b = a; a = (t1 + t2) | 0;
    }
    h[0] += a; h[1] += b; h[2] += c; h[3] += d; h[4] += e; h[5] += f; h[6] += g; h[7] += k;
  }

  const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));
  const word = (x) => HEX[x >>> 24] + HEX[(x >>> 16) & 255] + HEX[(x >>> 8) & 255] + HEX[x & 255];

  /** Finish: the rest (fewer than 64 bytes, already in `block`), padding and the length in bytes. */
  function finish(h, rest, length) {
    block[rest] = 0x80;
    block.fill(0, rest + 1);
    if (rest > 55) { compress(h, block, 0); block.fill(0); }
    const bits = length * 8;
    for (let i = 0; i < 4; i++) { block[56 + i] = (bits / 2 ** 32) >>> (24 - 8 * i); block[60 + i] = bits >>> (24 - 8 * i); }
    compress(h, block, 0);
    return word(h[0]) + word(h[1]) + word(h[2]) + word(h[3]) + word(h[4]) + word(h[5]) + word(h[6]) + word(h[7]);
  }

  const encoder = new TextEncoder();

  /** Lower-case hex digest of a text (as UTF-8) or of bytes. */
  function sha256(data) {
    const bytes = typeof data === "string" ? encoder.encode(data) : data;
    const h = Int32Array.from(START), whole = bytes.length - (bytes.length % 64);
    for (let at = 0; at < whole; at += 64) compress(h, bytes, at);
    block.set(bytes.subarray(whole));
    return finish(h, bytes.length - whole, bytes.length);
  }

  /** A function that gives the digest of `prefix + text`; the prefix's whole blocks are computed once. ASCII only, as ids are. */
  function sha256After(prefix) {
    const start = encoder.encode(prefix), whole = start.length - (start.length % 64), rest = start.length - whole;
    const state = Int32Array.from(START), h = new Int32Array(8);
    for (let at = 0; at < whole; at += 64) compress(state, start, at);
    return (text) => {
      h.set(state);
      for (let i = 0; i < rest; i++) block[i] = start[whole + i];
      let at = rest;
      for (let i = 0; i < text.length; i++) {
        block[at++] = text.charCodeAt(i);
        if (at === 64) { compress(h, block, 0); at = 0; }
      }
      return finish(h, at, start.length + text.length);
    };
  }

  Object.assign((globalThis.hengjian = globalThis.hengjian || {}), { sha256, sha256After });
}
