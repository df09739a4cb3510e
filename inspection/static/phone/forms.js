// A record between its form and its JSON, and what the server said about it beside the fields.
"use strict";
(() => {
  const OURS = ["csrf_token", "version", "step", "key"];
  const ITEM = /^items\.(\d+)\.(\w+)$/;

  // The record as the API takes it: empty texts left out, several boxes of one name as a list, items by number.
  function recordData(form) {
    const data = {};
    const items = {};
    const named = (name) => [...form.elements].filter((field) => field.name === name);
    for (const name of new Set([...form.elements].map((field) => field.name).filter((text) => text && !OURS.includes(text)))) {
      const values = new FormData(form).getAll(name).filter((value) => typeof value === "string" && value.trim());
      const item = ITEM.exec(name);
      if (item) { if (values.length) (items[item[1]] = items[item[1]] || {})[item[2]] = item[2] === "position" ? Number(values[0]) : values[0]; }
      else if (named(name).length > 1 && named(name)[0].type === "checkbox") data[name] = values;
      else if (named(name)[0].type === "checkbox") data[name] = values.length > 0;
      else if (values.length) data[name] = values[0];
    }
    return { ...data, items: Object.values(items) };
  }

  function set(form, name, value) {
    for (const field of form.elements) {
      if (field.name !== name || OURS.includes(name)) continue;
      if (field.type === "checkbox") field.checked = Array.isArray(value) ? value.includes(field.value) : Boolean(value);
      else if (field.type === "radio") field.checked = field.value === String(value);
      else field.value = value;
    }
  }

  const fill = {
    record(form, data) {
      const { items = [], submit, ...plain } = data;
      Object.entries(plain).forEach(([name, value]) => set(form, name, value));
      items.forEach((item) => Object.entries(item).forEach(([part, value]) => set(form, `items.${item.position}.${part}`, value)));
    },
    none(form) {
      form.querySelectorAll("input[type=radio][name$='.found'][value=none]").forEach((radio) => {
        const reason = form.elements[radio.name.replace(".found", ".not_checked_reason")];
        if (!form.querySelector(`input[name="${radio.name}"]:checked`) && !(reason && reason.value.trim())) radio.checked = true;
      });
    },
  };

  function labelOf(name) {
    const id = CSS.escape(`f-${name.split(".").slice(0, 2).join(".")}`);
    const short = CSS.escape(`f-${name.split(".")[0]}`);
    const label = document.querySelector(`label[for="${id}"], #${id} > legend, label[for="${short}"], #${short} > legend, #${short} > h2`);
    return label ? label.textContent.replace("*", "").trim() : name;
  }

  function table(changes, words) {
    const made = document.createElement("table");
    made.className = "table table-sm";
    const rows = [[words.field, words.yours, words.now], ...changes.map((change) => [change.field, change.yours || "—", change.current || "—"])];
    rows.forEach((cells, number) => {
      const row = made.insertRow();
      cells.forEach((text) => { const cell = document.createElement(number ? "td" : "th"); cell.textContent = text; row.append(cell); });
    });
    return made;
  }

  const explain = {
    clear() { document.querySelectorAll("[data-explained]").forEach((part) => part.remove()); },
    show(form, problem, words, buttons) {
      explain.clear();
      const alert = document.createElement("div");
      Object.assign(alert, { className: "alert alert-danger", tabIndex: -1 });
      alert.setAttribute("role", "alert");
      alert.dataset.explained = "yes";
      const head = document.createElement("strong");
      head.textContent = problem.title || "";
      alert.append(head, `：${problem.detail || ""}`);
      const list = document.createElement("ul");
      Object.entries(problem.errors || {}).forEach(([name, messages]) => {
        const link = document.createElement("a");
        Object.assign(link, { href: `#f-${name.split(".").slice(0, 2).join(".")}`, textContent: labelOf(name) });
        const line = document.createElement("li");
        line.append(link, `：${messages.join("；")}`);
        list.append(line);
      });
      if (list.children.length) alert.append(list);
      if ((problem.changes || []).length) alert.append(table(problem.changes, words));
      const row = document.createElement("p");
      row.className = "d-flex gap-2 flex-wrap mb-0";
      row.append(...buttons);
      if (buttons.length) alert.append(row);
      form.before(alert);
      alert.focus();
    },
  };

  self.hengjianForms = { recordData, fill, explain };
})();
