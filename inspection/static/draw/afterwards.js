// After the draw (section 9): calls of reserves and swaps of inspectors. The same checks and names as `verify --calls … --swaps …`.
"use strict";
{
  const { Difference } = globalThis.hengjian;

  function checkSequence(name, rows) {
    return (i) => { if (Number(rows[i][0]) !== i + 1) throw new Difference(name, i + 2, "order"); };
  }

  /** Reserves in rank order within their stratum, teams by section 6; gives the team (ids by seat) of every called reserve. */
  function checkCalls(calls, selection, frame, roster) {
    const living = new Map(), waiting = new Map(), called = new Map(), inOrder = checkSequence("calls.tsv", calls);
    for (const [stratum, , id, , role] of selection) {
      if (role === "selected") living.set(id, stratum);
      else waiting.set(stratum, [...(waiting.get(stratum) || []), id]);
    }
    const reserve = new Set([...waiting.values()].flat());
    const units = new Map(frame.filter((row) => reserve.has(row[0])).map((row) => [row[0], row]));
    calls.forEach(([, stratum, outId, , inId, team], i) => {
      const wrong = (check, note) => { throw new Difference("calls.tsv", i + 2, check, note); };
      inOrder(i);
      if (living.get(outId) !== stratum || !reserve.has(inId)) wrong("unknown id", reserve.has(inId) ? outId : inId);
      const queue = waiting.get(stratum) || [];
      if (queue[0] !== inId) wrong("rank", queue[0] || "");
      queue.shift();
      living.delete(outId);
      living.set(inId, stratum);
      const [, , , , area, needs] = units.get(inId);
      called.set(inId, roster.serve(inId, area, needs).map((row) => row[2]));
      if (team !== called.get(inId).join(",")) wrong("team", called.get(inId).join(","));
    });
    return called;
  }

  function unitsDiffer(seats, team) {
    const units = new Set();
    return [...team.keys()].sort((a, b) => a - b).every((number) => {
      const { unit } = team.get(number), fine = !seats[number - 1].other_unit || !units.has(unit);
      units.add(unit);
      return fine;
    });
  }

  /** The first rule that keeps a person from a seat in the place of whoever sits there, "" for none; the area is not asked. */
  function seatFault(seats, number, person, team, needs, barred) {
    const seat = seats[number - 1], others = [...team].filter(([n]) => n !== number);
    const rules = [
      ["skills", needs === "" || needs.split(",").every((skill) => person.skills.has(skill))], ["conflict", !barred],
      ["team", others.every(([, member]) => member.id !== person.id)], ["lead", person.lead || !seat.lead],
      ["unit", seat.unit === "*" || seat.unit === person.unit], ["other_unit", unitsDiffer(seats, new Map([...others, [number, person]]))],
    ];
    const broken = rules.find(([, holds]) => !holds);
    return broken ? broken[0] : "";
  }

  /** Who goes sits there, who comes is of the roster and fits the seat (or fills an empty one); gives the number of swaps. */
  function checkSwaps(swaps, { teams, frame, inspectors, conflicts, seats, called }) {
    const sitting = new Map(), inOrder = checkSequence("swaps.tsv", swaps);
    for (const [object, seat, inspector] of teams) {
      if (!sitting.has(object)) sitting.set(object, new Map());
      sitting.get(object).set(Number(seat), inspector);
    }
    for (const [object, team] of called) sitting.set(object, new Map(team.map((id, i) => [i + 1, id])));
    const known = new Map(inspectors.map(([id, unit, , skills, , lead]) =>
      [id, { id, unit, skills: new Set(skills === "" ? [] : skills.split(",")), lead: lead === "1" }]));
    const barred = new Set(conflicts.map((pair) => pair.join("\t")));
    const needs = new Map(frame.filter((row) => sitting.has(row[0])).map((row) => [row[0], row[5]]));
    swaps.forEach(([, object, seat, outId, , inId], i) => {
      const wrong = (check, note) => { throw new Difference("swaps.tsv", i + 2, check, note); };
      inOrder(i);
      const team = sitting.get(object) || new Map(), number = Number(seat), now = team.get(number);
      if (now !== outId) wrong("unknown id", now === undefined ? object : now);
      if (!known.has(inId) && outId !== "") wrong("unknown id", inId);
      if ([...team.values()].includes(inId)) wrong("team", "team");
      const present = new Map([...team].filter(([, id]) => known.has(id)).map(([n, id]) => [n, known.get(id)]));
      const fault = known.has(inId) ? seatFault(seats, number, known.get(inId), present, needs.get(object), barred.has(`${inId}\t${object}`)) : "";
      if (fault) wrong("team", fault);
      team.set(number, inId);
    });
    return swaps.length;
  }

  Object.assign(globalThis.hengjian, { checkCalls, checkSwaps });
}
