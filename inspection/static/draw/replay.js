// Selection and teams (sections 5 and 6), rebuilt from the seed. Integers and SHA-256 only.
"use strict";
{
  const { Difference, compare, sha256After } = globalThis.hengjian;
  const byTicket = (a, b) => (a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : compare(a[1], b[1]));

  // --- the rule against the frame
  function checkStrata(strata, frame) {
    const population = new Map(), uneven = new Set();
    for (const [, stratum, weight, status] of frame) {
      population.set(stratum, (population.get(stratum) || 0) + (status === "ok" ? 1 : 0));
      if (weight !== "1") uneven.add(stratum);
    }
    const wrong = (check) => { throw new Difference("rule.json", null, check); };
    for (const name of population.keys()) if (!Object.prototype.hasOwnProperty.call(strata, name)) wrong("strata");
    for (const name of Object.keys(strata).sort(compare)) {
      const s = strata[name], there = population.get(name) || 0;
      const [p, q] = s.rate === null ? [0n, 1n] : s.rate.map(BigInt);
      if (!(p <= q && q >= 1n)) wrong(`${name} rate`);
      if (s.population !== there) wrong(`${name} population`);
      if (s.rate !== null && BigInt(s.n) !== (BigInt(there) * p + q - 1n) / q) wrong(`${name} n`);
      if (s.n + s.reserve > there) wrong(`${name} size`);
      if (s.method === "srs" && uneven.has(name)) wrong(`${name} weight`);
    }
  }

  function checkSeats(seats) {
    const wrong = () => { throw new Difference("rule.json", null, "seats"); };
    const disjoint = (a, b) => a.unit !== "*" && b.unit !== "*" && a.unit !== b.unit;
    const within = (a, b) => (a.lead || !b.lead) && (b.unit === "*" || a.unit === b.unit);
    if (seats.some((seat) => seat.other_unit && (seat.lead || seat.unit !== "*"))) wrong();
    seats.forEach((first, i) => { for (const second of seats.slice(i + 1)) if (!disjoint(first, second) && !within(first, second)) wrong(); });
  }

  // --- selection
  function takeAll(weights, n) {
    const certain = new Set();
    let total = [...weights.values()].reduce((sum, w) => sum + w, 0n);
    for (;;) {
      const m = n - BigInt(certain.size);
      const more = m > 0n ? [...weights].filter(([id, w]) => !certain.has(id) && m * w >= total) : [];
      if (!more.length) return [certain, m, total];
      for (const [id, w] of more) { certain.add(id); total -= w; }
    }
  }

  function rankPareto(members, n, tickets) {
    const weights = new Map(members.map(([id, weight]) => [id, BigInt(weight)]));
    const [certain, m, total] = takeAll(weights, BigInt(n));
    const first = tickets.filter(([, id]) => certain.has(id)).sort(byTicket);
    const rest = tickets.filter(([, id]) => !certain.has(id));
    if (m === 0n) return first.concat(rest.sort(byTicket));
    const keyed = rest.map((row) => {
      const u = 2n * BigInt(parseInt(row[0].slice(0, 8), 16)) + 1n, w = weights.get(row[1]);
      return [(u * (total - m * w) * 2n ** 32n) / ((2n ** 33n - u) * m * w), row];
    });
    keyed.sort((a, b) => (a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : byTicket(a[1], b[1])));
    return first.concat(keyed.map(([, row]) => row));
  }

  /** Rows of selection.tsv; `progress(done, total)` is told after every thousand tickets. */
  function select(seed, strata, frame, progress) {
    const members = new Map(Object.keys(strata).sort(compare).map((name) => [name, []]));
    for (const [id, stratum, weight, status] of frame) if (status === "ok") members.get(stratum).push([id, weight]);
    const rows = [], ticketOf = sha256After(`${seed}:o:`);
    let done = 0;
    for (const [name, list] of members) {
      const { method, n, reserve } = strata[name];
      const tickets = list.map(([id]) => {
        if (++done % 1000 === 0) progress(done, frame.length);
        return [ticketOf(id), id];
      });
      const ranked = method === "pareto" ? rankPareto(list, n, tickets) : tickets.sort(byTicket);
      ranked.slice(0, n + reserve).forEach(([ticket, id], i) => rows.push([name, String(i + 1), id, ticket, i < n ? "selected" : "reserve"]));
    }
    return rows;
  }

  // --- teams
  class Roster {
    constructor(seed, inspectors, conflicts, seats) {
      this.seats = seats; this.ticketOf = sha256After(`${seed}:a:`);
      this.people = inspectors.map(([id, unit, areas, skills, carried, lead]) => ({
        id, unit, areas: areas === "*" ? null : new Set(areas.split(",")), skills: new Set(skills === "" ? [] : skills.split(",")),
        load: Number(carried), lead: lead === "1",
      }));
      this.barred = new Map();
      for (const [inspector, object] of conflicts) {
        if (!this.barred.has(object)) this.barred.set(object, new Set());
        this.barred.get(object).add(inspector);
      }
      this.suitable = new Map();
    }

    byPlace(area, needs) {
      const key = `${area}\t${needs}`;
      if (!this.suitable.has(key)) {
        const here = this.people.filter((i) => area === "" || i.areas === null || i.areas.has(area));
        const able = here.filter((i) => needs === "" || needs.split(",").every((skill) => i.skills.has(skill)));
        this.suitable.set(key, [!here.length ? "area" : !able.length ? "skills" : "", able]);
      }
      return this.suitable.get(key);
    }

    candidates(object, area, needs, seat, team) {
      let [blocked, found] = this.byPlace(area, needs);
      if (blocked) return [blocked, []];
      const barred = this.barred.get(object) || new Set(), units = new Set(team.map((i) => i.unit));
      const filters = [
        ["conflict", (i) => !barred.has(i.id)], ["team", (i) => !team.includes(i)], ["lead", (i) => i.lead || !seat.lead],
        ["unit", (i) => seat.unit === "*" || seat.unit === i.unit], ["other_unit", (i) => !seat.other_unit || !units.has(i.unit)],
      ];
      for (const [name, keep] of filters) {
        found = found.filter(keep);
        if (!found.length) return [name, []];
      }
      return ["", found];
    }

    /** Fill the seats of one object in order; loads grow. */
    serve(object, area, needs) {
      const team = [];
      return this.seats.map((seat, index) => {
        const [blocked, found] = this.candidates(object, area, needs, seat, team);
        if (!found.length) return [object, String(index + 1), "", blocked];
        const least = found.reduce((low, i) => Math.min(low, i.load), Infinity);
        const [ticket, id] = found.filter((i) => i.load === least).map((i) => [this.ticketOf(`${object}:${i.id}`), i.id]).sort(byTicket)[0];
        const chosen = found.find((i) => i.id === id);
        chosen.load += 1;
        team.push(chosen);
        return [object, String(index + 1), id, ticket];
      });
    }
  }

  /** Rows of teams.tsv, and the roster with the loads then reached. */
  function assign(seed, selection, frame, inspectors, conflicts, seats, progress) {
    const wanted = new Map(selection.filter((row) => row[4] === "selected").map((row) => [row[2], row[3]]));
    const served = frame.filter((row) => wanted.has(row[0])).map((row) => [wanted.get(row[0]), row[0], row[4], row[5]]).sort(byTicket);
    const roster = new Roster(seed, inspectors, conflicts, seats);
    const rows = [];
    served.forEach(([, id, area, needs], i) => {
      if ((i + 1) % 100 === 0) progress(i + 1, served.length);
      rows.push(...roster.serve(id, area, needs));
    });
    return { teams: rows.sort((a, b) => compare(a[0], b[0]) || Number(a[1]) - Number(b[1])), roster };
  }

  Object.assign(globalThis.hengjian, { checkStrata, checkSeats, select, assign });
}
