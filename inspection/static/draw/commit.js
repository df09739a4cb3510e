// The promise: a source chosen from the catalogue tells when it is drawn, and the bits of all rows are added up. Without script the server says the same.
"use strict";
{
  const rows = [...document.querySelectorAll("[data-source]")], total = document.querySelector("[data-total]"), least = Number(total.dataset.least);
  const field = (row, name) => row.querySelector(`[name^="${name}-"]`);
  const whole = (text) => (/^[0-9]{1,4}$/.test(text) ? Number(text) : 0);

  // bit_length(C(max, pick)) - 1 and bit_length(10^n) - 1, in whole numbers, as the protocol has them
  function chosen(max, pick) {
    let found = 1n;
    for (let k = 1n; k <= BigInt(pick); k++) found = (found * (BigInt(max) - BigInt(pick) + k)) / k;
    return found;
  }
  function bits(form, pick, max) {
    if (!pick || pick > 1024) return 0;
    if (form === "hex") return 4 * pick;
    if (form === "digits") return (10n ** BigInt(pick)).toString(2).length - 1;
    return form === "balls" && pick <= max && max <= 1000 ? chosen(max, pick).toString(2).length - 1 : 0;
  }
  function count(row) {
    const known = row.querySelector("[data-known]"), option = known.selectedOptions[0], picked = known.value !== "";
    row.querySelector("[data-told]").textContent = picked ? option.dataset.when : "";
    row.querySelector("[data-other]").hidden = picked;
    return picked ? Number(option.dataset.bits) : bits(field(row, "form").value, whole(field(row, "pick").value), whole(field(row, "max").value));
  }
  function tell() {
    const sum = rows.map(count).reduce((a, b) => a + b, 0);
    total.hidden = sum === 0;
    total.textContent = (sum >= least ? total.dataset.enough : total.dataset.short).replace("{n}", sum).replace("{m}", least - sum);
    total.className = `my-3 alert ${sum >= least ? "alert-success" : "alert-warning"}`;
  }
  document.addEventListener("input", tell);
  document.addEventListener("change", tell);
  tell();
}
