// The tables of a bundle (section 2): UTF-8 TSV, header first, rows ascending by the bytes of their key, grammar of every cell.
"use strict";
{
  const { Difference, isText, compare, isId, isDigest, isInteger, isList, isTime } = globalThis.hengjian;
  const FILTERS = ["area", "skills", "conflict", "team", "lead", "unit", "other_unit"];
  const MILLION = 1000000;

  const byText = (...columns) => (a, b) => {
    for (const i of columns) { const order = compare(a[i], b[i]); if (order) return order; }
    return 0;
  };
  const rankOf = (text) => (isInteger(text) ? Number(text) : -1);
  const byNumber = (number, ...columns) => (a, b) =>
    byText(...columns)(a, b) || rankOf(a[number]) - rankOf(b[number]) || compare(a[number], b[number]);

  const TABLES = {
    "frame.tsv": {
      header: "id\tstratum\tweight\tstatus\tarea\tneeds",
      cells: ([id, stratum, weight, status, area, needs]) =>
        isId(id) && isId(stratum) && isInteger(weight, 1, MILLION) && isId(status) && (area === "" || isId(area)) && isList(needs),
      order: byText(0),
    },
    "inspectors.tsv": {
      header: "id\tunit\tareas\tskills\tcarried\tlead",
      cells: ([id, unit, areas, skills, carried, lead]) =>
        isId(id) && isId(unit) && (areas === "*" || (areas !== "" && isList(areas))) && isList(skills) &&
        isInteger(carried, 0, MILLION) && (lead === "0" || lead === "1"),
      order: byText(0),
    },
    "conflicts.tsv": { header: "inspector\tobject", cells: (cells) => cells.every(isId), order: byText(0, 1) },
    "selection.tsv": {
      header: "stratum\trank\tid\tticket\trole",
      cells: ([stratum, rank, id, ticket, role]) =>
        isId(stratum) && isInteger(rank, 1) && isId(id) && isDigest(ticket) && (role === "selected" || role === "reserve"),
      order: byNumber(1, 0),
    },
    "teams.tsv": {
      header: "object\tseat\tinspector\tticket",
      cells: ([object, seat, inspector, ticket]) =>
        isId(object) && isInteger(seat, 1, 8) && ((isId(inspector) && isDigest(ticket)) || (inspector === "" && FILTERS.includes(ticket))),
      order: byNumber(1, 0),
    },
    "calls.tsv": {
      header: "seq\tstratum\tout_id\treason\tin_id\tteam\tcalled_at",
      cells: ([seq, stratum, outId, reason, inId, team, calledAt]) =>
        isInteger(seq, 1) && [stratum, outId, reason, inId].every(isId) && isTime(calledAt) &&
        (team === "" ? [] : team.split(",")).every((member) => member === "" || isId(member)),
      order: byNumber(0),
    },
    "swaps.tsv": {
      header: "seq\tobject\tseat\tout_inspector\treason\tin_inspector\tswapped_at",
      cells: ([seq, object, seat, outId, reason, inId, swappedAt]) =>
        isInteger(seq, 1) && isInteger(seat, 1, 8) && [object, reason, inId].every(isId) && (outId === "" || isId(outId)) && isTime(swappedAt),
      order: byNumber(0),
    },
  };

  /** The text of a file, or the difference "text" where it is not UTF-8 without a mark, ended by a line feed. */
  function decoded(name, bytes) {
    if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) throw new Difference(name, 1, "text", "byte order mark");
    let text;
    try {
      text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    } catch (error) {
      throw new Difference(name, 1, "text", "not UTF-8");
    }
    if (!text.endsWith("\n")) throw new Difference(name, text.split("\n").length, "text", "no line feed at the end");
    return text;
  }

  /** Check one table completely and give its rows (arrays of cells); line of row i is i + 2. */
  function readTable(name, bytes) {
    const { header, cells, order } = TABLES[name];
    const lines = decoded(name, bytes).split("\n");
    lines.pop();
    if (lines[0] !== header) throw new Difference(name, 1, "header");
    const width = header.split("\t").length;
    const rows = new Array(lines.length - 1);
    for (let i = 1; i < lines.length; i++) {
      const row = lines[i].split("\t");
      if (row.length !== width) throw new Difference(name, i + 1, "cells");
      if (!row.every(isText)) throw new Difference(name, i + 1, "text");
      rows[i - 1] = row;
    }
    for (let i = 1; i < rows.length; i++) if (order(rows[i - 1], rows[i]) >= 0) throw new Difference(name, i + 2, "order");
    rows.forEach((row, i) => { if (!cells(row)) throw new Difference(name, i + 2, "cell"); });
    return rows;
  }

  const written = (name, rows) => [TABLES[name].header, ...rows.map((row) => row.join("\t"))];

  Object.assign(globalThis.hengjian, { readTable, written, decoded });
}
