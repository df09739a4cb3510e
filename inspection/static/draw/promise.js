// Promise and reveal (sections 3 and 4): canonical JSON with exact members, public sources and their bits, order of times, the seed.
"use strict";
{
  const { Difference, isText, isId, isDigest, isTime, sha256 } = globalThis.hengjian;
  const PROTOCOL = "hengjian-draw/1";
  const LEAST_BITS = 60;
  const COMMITTED = ["conflicts.tsv", "frame.tsv", "inspectors.tsv", "rule.json"];

  // --- canonical JSON
  function canonical(value) {
    if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
    if (value !== null && typeof value === "object") {
      return `{${Object.keys(value).sort().map((key) => `${JSON.stringify(key)}:${canonical(value[key])}`).join(",")}}`;
    }
    const text = JSON.stringify(value);
    if (typeof value === "number" && (Number.isInteger(value) ? !Number.isSafeInteger(value) : /e/.test(text))) throw new RangeError("not exact");
    return text;
  }

  function* texts(value) {
    if (typeof value === "string") yield value;
    else if (Array.isArray(value)) for (const item of value) yield* texts(item);
    else if (value !== null && typeof value === "object") for (const key of Object.keys(value)) { yield key; yield* texts(value[key]); }
  }

  const isWhole = (text) => !/[\ud800-\udbff](?![\udc00-\udfff])|(?:^|[^\ud800-\udbff])[\udc00-\udfff]/.test(text);

  function readJson(name, bytes) {
    let value, same = false;
    try {
      const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
      value = JSON.parse(text);
      same = canonical(value) === text && [...texts(value)].every(isWhole);
    } catch (error) { /* not canonical, then */ }
    if (!same) throw new Difference(name, null, "canonical");
    if (!isObject(value) || !MEMBERS[name](value)) throw new Difference(name, null, "members");
    for (const text of texts(value)) if (!isText(text)) throw new Difference(name, null, "text");
    return value;
  }

  // --- members
  const isObject = (value) => value !== null && typeof value === "object" && !Array.isArray(value);
  const isString = (value) => typeof value === "string";
  const isNumber = (value, least = 0, most = Number.MAX_SAFE_INTEGER) => Number.isSafeInteger(value) && value >= least && value <= most;
  const hasExactly = (value, names) => isObject(value) && Object.keys(value).sort().join() === names.join();
  const isMoment = (value) => isString(value) && isTime(value);
  const isHex = (value) => isString(value) && isDigest(value);

  const isSeat = (value) =>
    hasExactly(value, ["lead", "other_unit", "unit"]) && typeof value.lead === "boolean" && typeof value.other_unit === "boolean" &&
    isString(value.unit) && (value.unit === "*" || isId(value.unit));

  const isStratum = (value) =>
    hasExactly(value, ["method", "n", "population", "rate", "reserve"]) &&
    [value.n, value.population, value.reserve].every((n) => isNumber(n)) &&
    (value.rate === null || (Array.isArray(value.rate) && value.rate.length === 2 && value.rate.every((n) => isNumber(n)))) &&
    (value.method === "srs" || value.method === "pareto");

  const isSource = (value) => {
    if (!isObject(value) || !["balls", "digits", "hex"].includes(value.form)) return false;
    const balls = value.form === "balls";
    const names = balls ? ["drawn_at", "form", "issue", "max", "name", "pick"] : ["drawn_at", "form", "issue", "length", "name"];
    if (!hasExactly(value, names) || !isMoment(value.drawn_at) || !isString(value.issue) || !isString(value.name)) return false;
    return balls ? isNumber(value.max, 1, 1000) && isNumber(value.pick, 1, value.max) : isNumber(value.length, 1, 1024);
  };

  const MEMBERS = {
    "rule.json": (value) =>
      hasExactly(value, ["authority", "draw", "protocol", "seats", "strata", "title"]) &&
      [value.authority, value.draw, value.title].every(isString) && value.protocol === PROTOCOL &&
      Array.isArray(value.seats) && value.seats.length <= 8 && value.seats.every(isSeat) &&
      isObject(value.strata) && Object.keys(value.strata).every((name) => isId(name) && isStratum(value.strata[name])),
    "commitment.json": (value) =>
      hasExactly(value, ["committed_at", "draw", "files", "previous", "protocol", "public_sources", "reveal_by", "reveal_not_before", "secret_digest"]) &&
      [value.committed_at, value.reveal_by, value.reveal_not_before].every(isMoment) && isString(value.draw) && value.protocol === PROTOCOL &&
      hasExactly(value.files, COMMITTED) && COMMITTED.every((name) => isHex(value.files[name])) &&
      isString(value.previous) && (value.previous === "" || isDigest(value.previous)) &&
      Array.isArray(value.public_sources) && value.public_sources.every(isSource) && isHex(value.secret_digest),
    "reveal.json": (value) =>
      hasExactly(value, ["commitment", "public_value", "revealed_at", "secret", "witnesses"]) && isHex(value.commitment) && isHex(value.secret) &&
      isString(value.public_value) && isMoment(value.revealed_at) && Array.isArray(value.witnesses) && value.witnesses.every(isString),
  };

  // --- public sources
  function choose(n, k) {
    let result = 1n;
    for (let i = 1; i <= k; i++) result = (result * BigInt(n - k + i)) / BigInt(i);
    return result;
  }
  const bitLength = (value) => value.toString(2).length;
  const bits = (source) =>
    source.form === "balls" ? bitLength(choose(source.max, source.pick)) - 1
      : source.form === "digits" ? bitLength(10n ** BigInt(source.length)) - 1 : 4 * source.length;

  function fits(source, text) {
    if (source.form !== "balls") return new RegExp(`^[${source.form === "digits" ? "0-9" : "0-9a-f"}]{${source.length}}$`).test(text);
    const width = String(source.max).length, numbers = text.split(" ");
    if (numbers.length !== source.pick || numbers.some((n) => n.length !== width || !/^[0-9]+$/.test(n))) return false;
    const values = numbers.map(Number);
    return values.every((v, i) => v >= 1 && v <= source.max && (i === 0 || values[i - 1] < v));
  }

  const valueFits = (sources, publicValue) => {
    const parts = publicValue.split("|");
    return parts.length === sources.length && sources.every((source, i) => fits(source, parts[i]));
  };

  function timesFit(commitment, revealedAt) {
    const { committed_at: from, reveal_not_before: earliest, reveal_by: latest } = commitment;
    return commitment.public_sources.every(({ drawn_at: at }) => from < at && at <= earliest) &&
      earliest <= latest && earliest <= revealedAt && revealedAt <= latest;
  }

  /** Whether a reveal belongs to a commitment: digest, secret, bits, form of the value, times. */
  function checkReveal(commitment, ownDigest, reveal) {
    if (reveal.commitment !== ownDigest) throw new Difference("reveal.json", null, "commitment");
    if (sha256(reveal.secret) !== commitment.secret_digest) throw new Difference("reveal.json", null, "secret");
    if (commitment.public_sources.reduce((sum, source) => sum + bits(source), 0) < LEAST_BITS) throw new Difference("commitment.json", null, "bits");
    if (!valueFits(commitment.public_sources, reveal.public_value)) throw new Difference("reveal.json", null, "public_value");
    if (!timesFit(commitment, reveal.revealed_at)) throw new Difference("reveal.json", null, "times");
  }

  const seedOf = (commitmentDigest, reveal) =>
    sha256(`${PROTOCOL}\n${commitmentDigest}\n${reveal.secret}\n${reveal.public_value}\n`);

  Object.assign(globalThis.hengjian, { readJson, checkReveal, seedOf, COMMITTED });
}
