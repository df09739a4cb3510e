// Verification (section 7) in the order of the protocol; stops at the first difference. The same checks and names as `python -m sampling verify`.
"use strict";
{
  const h = globalThis.hengjian;
  const { Difference, sha256 } = h;

  /** Digest of a file: by the browser where the page is secure, by the bundled SHA-256 on a plain-http intranet. */
  async function fileDigest(bytes) {
    if (globalThis.isSecureContext && globalThis.crypto && globalThis.crypto.subtle) {
      const digest = new Uint8Array(await globalThis.crypto.subtle.digest("SHA-256", bytes));
      return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
    }
    return sha256(bytes);
  }

  function checkConflicts(conflicts, inspectors, frame) {
    if (!conflicts.length) return;
    const people = new Set(inspectors.map((row) => row[0])), objects = new Set(frame.map((row) => row[0]));
    conflicts.forEach(([inspector, object], i) => {
      if (!people.has(inspector) || !objects.has(object)) throw new Difference("conflicts.tsv", i + 2, "unknown id");
    });
  }

  function compareTables(name, bytes, rows) {
    const theirs = h.decoded(name, bytes).split("\n").slice(0, -1), ours = h.written(name, rows);
    const length = Math.min(theirs.length, ours.length);
    for (let i = 0; i < length; i++) if (theirs[i] !== ours[i]) throw new Difference(name, i + 1, "differs", ours[i].replace(/\t/g, " "));
    if (theirs.length !== ours.length) throw new Difference(name, null, "length", String(ours.length - 1));
  }

  function strataOf(rule, frame) {
    const excluded = new Map();
    for (const [, stratum, , status] of frame) {
      if (status === "ok") continue;
      const counts = excluded.get(stratum) || excluded.set(stratum, {}).get(stratum);
      counts[status] = (counts[status] || 0) + 1;
    }
    return Object.keys(rule.strata).sort(h.compare).map((name) => {
      const { method, n, population } = rule.strata[name];
      return { name, population, excluded: excluded.get(name) || {}, n, probability: method === "srs" ? `${n}/${population}` : "∝ weight" };
    });
  }

  /**
   * Verify eight files (bytes by name).
   * @param {Object<string, Uint8Array>} files
   * @param {{commitment?: string, calls?: Uint8Array, swaps?: Uint8Array, progress?: (stage: string, done: number, total: number) => void}} options
   * @returns what the command prints, as an object; throws Difference.
   */
  async function verifyFiles(files, { commitment = "", calls = null, swaps = null, progress = () => {} } = {}) {
    progress("read", 0, 1);
    const [rule, promised, revealed] = h.FILES.slice(0, 3).map((name) => h.readJson(name, files[name]));
    const tables = {};
    for (const name of h.FILES.slice(3)) tables[name] = h.readTable(name, files[name]);
    const { "frame.tsv": frame, "inspectors.tsv": inspectors, "conflicts.tsv": conflicts } = tables;
    checkConflicts(conflicts, inspectors, frame);
    for (const name of ["frame.tsv", "inspectors.tsv", "conflicts.tsv", "rule.json"]) {
      if ((await fileDigest(files[name])) !== promised.files[name]) throw new Difference(name, null, "digest");
    }
    h.checkStrata(rule.strata, frame);
    h.checkSeats(rule.seats);
    if (rule.protocol !== promised.protocol || rule.draw !== promised.draw) throw new Difference("commitment.json", null, "protocol or draw");
    const own = await fileDigest(files["commitment.json"]);
    if (commitment && own !== commitment.trim().toLowerCase()) throw new Difference("commitment.json", null, "digest", own);
    h.checkReveal(promised, own, revealed);
    const seed = h.seedOf(own, revealed);
    const selection = h.select(seed, rule.strata, frame, (done, total) => progress("tickets", done, total));
    const { teams, roster } = h.assign(seed, selection, frame, inspectors, conflicts, rule.seats, (done, total) => progress("teams", done, total));
    compareTables("selection.tsv", files["selection.tsv"], selection);
    compareTables("teams.tsv", files["teams.tsv"], teams);
    const called = calls ? h.checkCalls(h.readTable("calls.tsv", calls), selection, frame, roster) : null;
    const nSwaps = swaps ? h.checkSwaps(h.readTable("swaps.tsv", swaps), { teams, frame, inspectors, conflicts, seats: rule.seats, called: called || new Map() }) : null;
    return { ...summary(rule, promised, revealed, own, seed, selection, teams, frame), calls: called && called.size, swaps: nSwaps };
  }

  function summary(rule, promised, revealed, own, seed, selection, teams, frame) {
    const selected = selection.filter((row) => row[4] === "selected").length;
    const unfilled = teams.filter((row) => row[2] === "").length;
    const numbers = { selected, reserve: selection.length - selected, teams: new Set(teams.map((row) => row[0])).size, unfilled };
    return {
      line: `OK  draw ${rule.draw}  ${selected} selected  ${numbers.reserve} reserve  ${numbers.teams} teams  ${unfilled} unfilled`,
      draw: rule.draw, commitment: own, sources: promised.public_sources, public_value: revealed.public_value, seed, ...numbers, strata: strataOf(rule, frame),
    };
  }

  /** Verify the bytes of a ZIP; throws NotABundle or Difference. */
  const verifyBundle = async (buffer, options) => verifyFiles(h.unpack(buffer), options);

  Object.assign(h, { verifyFiles, verifyBundle });
}
